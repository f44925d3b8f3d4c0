/** Describes the state of the server's pool, read from `GET /metrics`. */
export async function readPoolState(url: string): Promise<string> {
  const response = await fetch(`${url}/metrics`).catch(() => undefined);
  const text = response?.ok ? await response.text() : '';
  const read = (name: string) =>
    text
      .split('\n')
      .find((line) => line.startsWith(`${name} `))
      ?.split(' ')[1];
  const [total, idle, waiting] = [
    read('holdfast_pool_connections{state="total"}'),
    read('holdfast_pool_connections{state="idle"}'),
    read('holdfast_pool_waiting'),
  ];
  return total === undefined ? 'not exposed' : `${total} connections, ${idle} idle, ${waiting} calls waiting`;
}
