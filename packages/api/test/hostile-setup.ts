export { setupHostile as setup } from '@holdfast/db/testing';
