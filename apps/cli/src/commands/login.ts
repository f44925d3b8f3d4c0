import { createClient, isHoldfastError } from '@holdfast/client';
import type { Context } from '../context.ts';
import { CliError } from '../errors.ts';
import { findServer, toCallSettings } from '../server/connect.ts';
import { isInsecure, parseServer } from '../server/server-url.ts';
import { toPlain } from '../terminal/plain.ts';
import { openPrompts, type Prompts } from '../terminal/prompts.ts';
import { readPassword } from '../terminal/stdin.ts';

export interface LoginOptions {
  passwordStdin?: true;
  signUp?: true;
  name?: string;
  insecure?: true;
  code?: string;
}

/** The URL of `pnpm start`. */
const localServer = 'http://127.0.0.1:3000';

export async function login(context: Context, givenEmail: string | undefined, options: LoginOptions): Promise<void> {
  const { logins, output, signal } = context;
  const open = (fix: string) => openPrompts(context, fix);
  const server = (context.server = await chooseServer(context, open));
  if (isInsecure(server) && !options.insecure) {
    const message = `The connection to ${server} is not encrypted. Use https, or add --insecure.`;
    throw new CliError('USAGE', message);
  }
  const email = givenEmail ?? (await (await open('Add the email address.')).text('Email'));
  const name = options.signUp && (options.name ?? (await (await open('Add --name <name>.')).text('Name')));
  const password = await getPassword(context, options, open);

  let session = '';
  const client = createClient({
    ...toCallSettings(context, server),
    url: server,
    storage: { load: () => null, save: (given) => void (session = given ?? '') },
  });
  const signingIn =
    name === undefined
      ? client.signIn({ email, password }, { signal })
      : client.signUp({ email, password, name }, { signal });
  const account = await signingIn.catch(async (error: unknown) => {
    if (isHoldfastError(error, 'TWO_FACTOR_REQUIRED')) {
      const code = options.code ?? (await (await open('Add --code <code>.')).text('Code of your app'));
      return client.confirmSignIn({ challenge: error.challenge, code }, { signal });
    }
    if (!isHoldfastError(error, 'NOT_FOUND')) throw error;
    const message = `${server} has no sign-in. Set HOLDFAST_TOKEN to a token of its issuer.`;
    throw new CliError('NO_LOGIN_HERE', message, { cause: error, more: { server } });
  });
  await logins.save(server, { session, email: account.email });
  if (output.isJson) return output.json({ server, ...account });
  output.line(`Logged in at ${server} as ${toPlain(account.email)}.`);
}

async function chooseServer(context: Context, open: (fix: string) => Promise<Prompts>): Promise<string> {
  const known = await findServer(context);
  const isExplicit = context.givenServer !== undefined || Boolean(context.env['HOLDFAST_URL']);
  if (known !== undefined && (isExplicit || !context.canPrompt)) return known;
  const url = await (await open('Add --server <url>.')).text('Server', known ?? localServer);
  return parseServer(url, 'The server');
}

async function getPassword(
  context: Context,
  { passwordStdin, signUp }: LoginOptions,
  open: (fix: string) => Promise<Prompts>,
): Promise<string> {
  if (passwordStdin) return readPassword(context.signal);
  if (context.env['HOLDFAST_PASSWORD']) return context.env['HOLDFAST_PASSWORD'];
  const prompts = await open('Use --password-stdin or HOLDFAST_PASSWORD.');
  const password = await prompts.password('Password');
  if (signUp && (await prompts.password('Repeat the password')) !== password) {
    throw new CliError('USAGE', 'The passwords differ. Nothing changed.');
  }
  return password;
}
