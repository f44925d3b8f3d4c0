import { createServer } from 'node:http';
import { postgraphile } from 'postgraphile';
import { makePgService } from 'postgraphile/adaptors/pg';
import { grafserv } from 'postgraphile/grafserv/node';
import { PostGraphileAmberPreset } from 'postgraphile/presets/amber';
import { createVerifyToken } from '../../src/verify-token.ts';

const verifyToken = createVerifyToken(process.env);

const preset: GraphileConfig.Preset = {
  extends: [PostGraphileAmberPreset],
  pgServices: [
    makePgService({
      connectionString: process.env.DATABASE_URL,
      poolConfig: { max: 10 },
      schemas: ['public'],
      pubsub: false,
    }),
  ],
  grafast: {
    explain: false,
    async context({ node }) {
      const userId = await verifyToken(node?.req.headers.authorization);
      if (userId === null) throw new Error('Sign in first.');
      return { pgSettings: { role: 'holdfast_app', 'app.user_id': userId } };
    },
  },
  grafserv: { graphqlPath: '/graphql', graphiql: false, watch: false },
};

const server = createServer();
await postgraphile(preset).createServ(grafserv).addTo(server);
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as { port: number }).port}\n`);
});
