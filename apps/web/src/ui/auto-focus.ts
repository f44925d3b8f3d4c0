/**
 * Ref of the control that gets the focus when its dialog opens. React's `autoFocus` is too early: the browser moves the focus
 * when it shows the dialog, and reads this attribute.
 */
export const autoFocus = (element: HTMLElement | null): void => element?.setAttribute('autofocus', '');
