/** Paths on a grid of 24, drawn with lines. */
const paths = {
  add: 'M12 5v14M5 12h14',
  archive: 'M4 5h16v4H4zM6 9v10h12V9M10 13h4',
  arrow: 'M5 12h14M13 6l6 6-6 6',
  calendar: 'M5 6h14v14H5zM5 10h14M9 3v4M15 3v4',
  check: 'M5 12.5l4.5 4.5L19 7.5',
  chevron: 'M9 6l6 6-6 6',
  circle: 'M12 19a7 7 0 1 1 0-14 7 7 0 0 1 0 14z',
  close: 'M6 6l12 12M18 6L6 18',
  cloud: 'M7 18a4 4 0 0 1-.6-7.95A6 6 0 0 1 18 9.5 4.25 4.25 0 0 1 17.5 18z',
  cloudOff: 'M4 4l16 16M9 5.8A6 6 0 0 1 18 9.5a4.25 4.25 0 0 1 2 7.6M6.4 10.05A4 4 0 0 0 7 18h9',
  copy: 'M9 9h11v11H9zM5 15V4h11',
  down: 'M12 5v14M6 13l6 6 6-6',
  drag: 'M9 6h.01M9 12h.01M9 18h.01M15 6h.01M15 12h.01M15 18h.01',
  edit: 'M4 20h4L19 9l-4-4L4 16zM13 7l4 4',
  flag: 'M6 21V4h11l-2 4 2 4H6',
  home: 'M4 11l8-7 8 7M6 10v10h12V10',
  inbox: 'M4 13l3-8h10l3 8v6H4zM4 13h5l1 3h4l1-3h5',
  keyboard: 'M3 7h18v11H3zM7 11h.01M11 11h.01M15 11h.01M17.5 11h.01M8 15h8',
  label: 'M4 4h8l8 8-8 8-8-8zM8.5 8.5h.01',
  list: 'M9 6h11M9 12h11M9 18h11M4.5 6h.01M4.5 12h.01M4.5 18h.01',
  menu: 'M4 6h16M4 12h16M4 18h16',
  minus: 'M6 12h12',
  more: 'M5 12.6a.6.6 0 1 1 0-1.2.6.6 0 0 1 0 1.2zM12 12.6a.6.6 0 1 1 0-1.2.6.6 0 0 1 0 1.2zM19 12.6a.6.6 0 1 1 0-1.2.6.6 0 0 1 0 1.2z',
  signOut: 'M10 5H5v14h5M14 8l4 4-4 4M18 12H9',
  eye: 'M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zM12 15a3 3 0 1 1 0-6 3 3 0 0 1 0 6z',
  eyeOff:
    'M4 4l16 16M9.5 5.8A9 9 0 0 1 12 5.5c6 0 9.5 6.5 9.5 6.5a16 16 0 0 1-3 3.7M6 7.6A16 16 0 0 0 2.5 12S6 18.5 12 18.5a9 9 0 0 0 4-.9',
  device: 'M4 5h16v11H4zM9 20h6M12 16v4',
  download: 'M12 4v11M7 10.5l5 5 5-5M5 20h14',
  upload: 'M12 16V5M7 9.5l5-5 5 5M5 20h14',
  restore: 'M4 4v6h6M4.6 10A8 8 0 1 1 4 14',
  search: 'M10.5 17a6.5 6.5 0 1 1 0-13 6.5 6.5 0 0 1 0 13zM15.5 15.5L20 20',
  settings:
    'M4 8h9M19 8h1M4 16h1M11 16h9M16 10.5a2.5 2.5 0 1 1 0-5 2.5 2.5 0 0 1 0 5zM8 18.5a2.5 2.5 0 1 1 0-5 2.5 2.5 0 0 1 0 5z',
  sun: 'M12 16a4 4 0 1 1 0-8 4 4 0 0 1 0 8zM12 3v2M12 19v2M3 12h2M19 12h2M5.6 5.6L7 7M17 17l1.4 1.4M18.4 5.6L17 7M7 17l-1.4 1.4',
  text: 'M5 7h14M5 12h14M5 17h8',
  trash: 'M5 7h14M10 4h4M7 7l1 13h8l1-13M10 11v5M14 11v5',
  up: 'M12 19V5M6 11l6-6 6 6',
  upcoming: 'M5 6h14v14H5zM5 10h14M9 3v4M15 3v4M8.5 15h7M13 12.5l2.5 2.5-2.5 2.5',
  warning: 'M12 4l9 16H3zM12 10v4M12 17h.01',
} as const;

export type IconName = keyof typeof paths;

/** Decoration only: the control beside it has the name. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg className="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  );
}
