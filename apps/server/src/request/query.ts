/** The parameters of a target such as `/tasks?search=Really?`. Only the first `?` starts the query. */
export function toQuery(url: string): URLSearchParams {
  const at = url.indexOf('?');
  // The class removes one `?` at the start.
  return new URLSearchParams(at === -1 ? '' : url.slice(at));
}
