import { createClient, isHoldfastError } from '@holdfast/client';
import { openQuestions, type Questions } from '../ask.ts';
import { findServer } from '../connect.ts';
import type { Context } from '../context.ts';
import { CliError } from '../errors.ts';
import { toPlain } from '../plain.ts';
import { isOpenToEavesdroppers, parseServer } from '../server-url.ts';
import { readStdin } from '../stdin.ts';

export interface LoginOptions {
  passwordStdin?: true;
  signUp?: true;
  name?: string;
  insecure?: true;
}

/** What `pnpm start` serves at. */
const localServer = 'http://127.0.0.1:3000';

export async function login(context: Context, givenEmail: string | undefined, options: LoginOptions): Promise<void> {
  const { credentials, output, signal } = context;
  const ask = (flag: string) => openQuestions(context, `give ${flag}.`);
  const server = (context.server = await chooseServer(context, ask));
  if (isOpenToEavesdroppers(server) && !options.insecure) {
    const message = `Everybody on the way to ${server} could read the password: use https, or add --insecure to accept that.`;
    throw new CliError('USAGE', message);
  }
  const email = givenEmail ?? (await (await ask('the e-mail address')).text('E-mail'));
  const name = options.signUp && (options.name ?? (await (await ask('--name')).text('Name')));
  const password = await takePassword(context, options, ask);

  let session = '';
  const client = createClient({
    url: server,
    storage: { load: () => null, save: (given) => void (session = given ?? '') },
  });
  const entering =
    name === undefined
      ? client.signIn({ email, password }, { signal })
      : client.signUp({ email, password, name }, { signal });
  const account = await entering.catch((error: unknown) => {
    if (!isHoldfastError(error, 'NOT_FOUND')) throw error;
    const message = `One does not log in at ${server} itself: set HOLDFAST_TOKEN to a token of the issuer that it trusts.`;
    throw new CliError('NO_LOGIN_HERE', message, { cause: error, more: { server } });
  });
  await credentials.keep(server, { session, email: account.email });
  if (output.isJson) return output.json({ server, ...account });
  output.line(`Logged in at ${server} as ${toPlain(account.email)}.`);
}

async function chooseServer(context: Context, ask: (flag: string) => Promise<Questions>): Promise<string> {
  const known = await findServer(context);
  const isSaid = context.givenServer !== undefined || Boolean(context.env['HOLDFAST_URL']);
  if (known !== undefined && (isSaid || !context.canAsk)) return known;
  const answer = await (await ask('--server <url>')).text('Server', known ?? localServer);
  return parseServer(answer, 'The server');
}

async function takePassword(
  context: Context,
  { passwordStdin, signUp }: LoginOptions,
  ask: (flag: string) => Promise<Questions>,
): Promise<string> {
  if (passwordStdin) return (await readStdin(context.signal)).replace(/\r?\n$/, '');
  if (context.env['HOLDFAST_PASSWORD']) return context.env['HOLDFAST_PASSWORD'];
  const questions = await ask('the password with --password-stdin or in HOLDFAST_PASSWORD');
  const password = await questions.password('Password');
  if (signUp && (await questions.password('The same password again')) !== password) {
    throw new CliError('USAGE', 'The two passwords are not the same: nothing was done.');
  }
  return password;
}
