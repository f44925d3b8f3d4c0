// Everything that opens only after the first list is shown. It is one file of the build.
export { SignOutDialog } from '../account/sign-out-dialog.tsx';
export { ShortcutsDialog } from '../app/shortcuts-dialog.tsx';
export { DeleteListDialog } from '../lists/delete-list-dialog.tsx';
export { ListForm } from '../lists/list-form.tsx';
export { BulkBar } from '../tasks/bulk-bar.tsx';
