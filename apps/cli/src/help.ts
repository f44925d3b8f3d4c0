export const programHelp = `
Ids:
  A list shows the end of each id, which is short; pipes and JSON get whole ones. Every <id> may be whole, or a
  beginning or an end that only one of your tasks has, of four characters or more. A part costs one request more for
  every 200 tasks you have, a whole id none.

JSON (--json):
  add, edit, show       { id, title, description, completed, completedAt, createdAt, updatedAt, version }
  list, done, undo      an array of these
  rm                    an array of { id }
  whoami                { server, id, email, name, createdAt }
  login                 { server, id, email, name }
  logout                { server }
  an error, on stderr   { error: { code, message, … } }, one a line; with the code CONFLICT also current, the task
                        as it stands; with AMBIGUOUS_ID also candidates
  a warning, on stderr  { warning: { message } }

Ends with 0 when all is done, 1 when something was refused or has failed, 2 for wrong usage, 130 after Ctrl+C.

Environment:
  HOLDFAST_URL          the server
  HOLDFAST_PASSWORD     the password, for login
  HOLDFAST_TOKEN        a token to use in place of a login: a session's, or of the issuer that the server trusts
  VISUAL, EDITOR        the editor
  NO_COLOR, FORCE_COLOR never, and always, with colours; else with colours at a terminal

Examples:
  tasks login ada@example.com --server https://tasks.example.com
  tasks add Water the plants
  tasks done 3f9a2c1b
  tasks list --json | jq -r '.[].title'
  tasks list | grep -i plant | cut -f1 | xargs tasks done
`;

export const examples = {
  login: `
The password is asked for, or read from the input, or taken from HOLDFAST_PASSWORD; it is never an argument, for other
programs see those. What is kept is the session, in a file that only you can read.

Examples:
  tasks login
  tasks login ada@example.com --server https://tasks.example.com --sign-up --name Ada
  pass show tasks | tasks login ada@example.com --server https://tasks.example.com --password-stdin
`,
  add: `
The input's first line is the title; what follows after it, the description.

Examples:
  tasks add Water the plants
  tasks add Call the plumber --description 'The tap again.'
  tasks add -- --help is not always an option
  git log -1 --format='Review: %s%n%n%b' | tasks add -
`,
  list: `
A terminal gets 50 tasks unless --limit says another number; pipes and --json get all of them. In a pipe, each task is a
line of id, open or done, the time it was made and title, with tabs between.
`,
  edit: `
The first line in the editor is the title; what follows after it, the description. It is saved only if nobody else has
changed the task meanwhile.

Examples:
  tasks edit 3f9a2c1b
  tasks edit 3f9a2c1b --title 'Water all plants' --if-version 3
`,
  completion: `
Examples:
  eval "$(tasks completion bash)"                              in ~/.bashrc
  eval "$(tasks completion zsh)"                               in ~/.zshrc, after compinit
  tasks completion fish > ~/.config/fish/completions/tasks.fish
`,
};
