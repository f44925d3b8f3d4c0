/** One bar: a length, or several parts in a row. */
export interface Bar {
  title: string;
  parts: readonly number[];
  /** Text after the bar. */
  label: string;
  /** If true, the bar has the highlight colour. */
  isMarked: boolean;
}

export interface Chart {
  title: string;
  /** Names of the parts, in order. Shown if there are several. */
  legend: readonly string[];
  groups: readonly { title: string; bars: readonly Bar[] }[];
}

const width = 760;
const labelWidth = 190;
const barsWidth = 430;
const rowHeight = 22;

// An SVG in an `img` cannot use the page's colours, but it can use the colour scheme of the reader's system.
const style = `
text { font: 13px system-ui, sans-serif; fill: #1f2328; }
.title { font-size: 15px; font-weight: 600; }
.group { font-weight: 600; }
.bar0 { fill: #8c959f; } .bar1 { fill: #c2c9d1; }
.marked.bar0 { fill: #0969da; } .marked.bar1 { fill: #80b8f5; }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3; }
  .bar0 { fill: #7d8590; } .bar1 { fill: #484f58; }
  .marked.bar0 { fill: #4493f8; } .marked.bar1 { fill: #1f4e8c; }
}`;

/** Renders horizontal bars in groups as SVG. */
export function toSvg({ title, legend, groups }: Chart): string {
  const longest = Math.max(...groups.flatMap(({ bars }) => bars.map(({ parts }) => sum(parts))));
  const scale = (value: number) => Math.round((value / longest) * barsWidth * 10) / 10;
  const lines: string[] = [];
  let y = 24;
  const write = (x: number, text: string, name = '') =>
    lines.push(`<text x="${x}" y="${y}"${name && ` class="${name}"`}>${escape(text)}</text>`);
  write(0, title, 'title');
  if (legend.length > 1) {
    y += rowHeight;
    legend.forEach((part, at) => {
      lines.push(`<rect x="${at * 170}" y="${y - 11}" width="12" height="12" class="bar${at}"/>`);
      write(at * 170 + 18, part);
    });
  }
  for (const group of groups) {
    y += rowHeight + 10;
    write(0, group.title, 'group');
    for (const bar of group.bars) {
      y += rowHeight;
      write(12, bar.title);
      bar.parts.forEach((part, at) => {
        const x = labelWidth + scale(sum(bar.parts.slice(0, at)));
        const name = `${bar.isMarked ? 'marked ' : ''}bar${at}`;
        lines.push(`<rect x="${x}" y="${y - 12}" width="${scale(part)}" height="15" class="${name}"/>`);
      });
      write(labelWidth + scale(sum(bar.parts)) + 8, bar.label);
    }
  }
  const height = y + 16;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escape(title)}">
<style>${style}
</style>
${lines.join('\n')}
</svg>
`;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function escape(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
