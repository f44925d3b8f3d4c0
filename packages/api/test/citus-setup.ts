export { setupCitus as setup } from '@holdfast/db/testing';
