import { type ComponentType, lazy, Suspense } from 'react';

export const loadParts = () => import('./parts.ts');

type Parts = Awaited<ReturnType<typeof loadParts>>;

/** A component that shows nothing until its code is loaded. */
function later<Props extends object>(find: (parts: Parts) => ComponentType<Props>) {
  const Part = lazy(async () => ({ default: find(await loadParts()) as ComponentType<object> }));
  return (props: Props) => (
    <Suspense>
      <Part {...props} />
    </Suspense>
  );
}

export const BulkBar = later((parts) => parts.BulkBar);
export const DeleteListDialog = later((parts) => parts.DeleteListDialog);
export const ListForm = later((parts) => parts.ListForm);
export const ShortcutsDialog = later((parts) => parts.ShortcutsDialog);
export const SignOutDialog = later((parts) => parts.SignOutDialog);
