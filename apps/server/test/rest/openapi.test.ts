import { readFile } from 'node:fs/promises';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { signInRoutes } from '../../openapi/sign-in.ts';
import { restRoutes } from '../../src/request/rest-routes.ts';
import { procedures } from '../../src/request/routes.ts';
import { openServer, password, post, signUp } from '../fixture.ts';
