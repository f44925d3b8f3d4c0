const gap = 4;
const margin = 8;

/**
 * Places a popover below its button, or above it if there is no room. Styles do this in browsers with anchor positioning, so
 * that this does nothing there.
 */
export function placeBeside(button: HTMLElement, popover: HTMLElement): void {
  if (CSS.supports('position-area', 'block-end') || getComputedStyle(popover).bottom === '0px') return;
  const { left, right, top, bottom } = button.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = popover;
  const isRightToLeft = getComputedStyle(button).direction === 'rtl';
  const start = isRightToLeft ? left : right - width;
  const hasRoomBelow = bottom + gap + height <= innerHeight - margin;
  popover.style.left = `${Math.max(margin, Math.min(start, innerWidth - width - margin))}px`;
  popover.style.top = `${hasRoomBelow ? bottom + gap : Math.max(margin, top - gap - height)}px`;
}
