export { setupPooled as setup } from '@holdfast/db/testing';
