export { setup } from '@holdfast/db/testing';
