import { createClient, newTaskId } from '@holdfast/client';
import { openReplica } from '@holdfast/client/replica';
import { InfiniteQueryObserver, QueryClient } from '@tanstack/react-query';
import { createTRPCOptionsProxy } from '@trpc/tanstack-react-query';
import { showLive } from '../../examples/live-list.ts';

// The tests run functions in the page, which reach the client through this object.
Object.assign(globalThis, {
  app: {
    createClient,
    newTaskId,
    openReplica,
    InfiniteQueryObserver,
    QueryClient,
    createTRPCOptionsProxy,
    showLive,
  },
});
