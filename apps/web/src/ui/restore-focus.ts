/** Gives the focus to the active task of the screen, else to its title, because the control that had it is gone. */
export function restoreFocus(): void {
  const target =
    document.querySelector<HTMLElement>('.task-list [role=row][tabindex="0"]') ??
    document.querySelector<HTMLElement>('h1[tabindex]');
  target?.focus({ preventScroll: true });
}
