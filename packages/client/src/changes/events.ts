/** One event of a stream. */
export interface StreamEvent {
  /** `message` if the server sent no name. */
  name: string;
  data: string;
}

/** A parser of server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html). */
export function createEventParser(): (chunk: Uint8Array) => StreamEvent[] {
  const decoder = new TextDecoder();
  let rest = '';
  let name = '';
  let data: string[] = [];

  /** Returns an event if the line ends one. */
  function add(line: string): StreamEvent | null {
    if (line === '') {
      const event = data.length > 0 ? { name: name || 'message', data: data.join('\n') } : null;
      [name, data] = ['', []];
      return event;
    }
    const [, field, value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line)!;
    if (field === 'event') name = value;
    else if (field === 'data') data.push(value);
    return null;
  }

  return (chunk) => {
    const text = rest + decoder.decode(chunk, { stream: true });
    // A final carriage return can be the first half of a line end.
    const end = Math.max(text.lastIndexOf('\n'), text.lastIndexOf('\r', text.length - 2)) + 1;
    rest = text.slice(end);
    return text
      .slice(0, end)
      .split(/\r\n|\n|\r/)
      .slice(0, -1)
      .map(add)
      .filter((event) => event !== null);
  };
}
