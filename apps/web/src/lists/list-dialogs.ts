import { lazy } from 'react';

// Dialogs that people seldom open before their first list is shown.
export const ListForm = lazy(async () => ({ default: (await import('./list-form.tsx')).ListForm }));
export const DeleteListDialog = lazy(async () => ({
  default: (await import('./delete-list-dialog.tsx')).DeleteListDialog,
}));
