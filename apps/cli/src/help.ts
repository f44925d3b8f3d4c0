export const programHelp = `
IDs:
  A list shows the end of each ID. Pipes and JSON contain whole IDs. For <id>, give the whole ID, or at least four
  characters from its start or end that only one of your tasks has. A part of an ID costs one more request per 200
  tasks that you have. A whole ID costs none.

JSON (--json):
  add, edit, show       { id, title, description, completed, completedAt, createdAt, updatedAt, version }
  list, done, undo      an array of these
  rm                    an array of { id }
  whoami                { server, id, email, name, createdAt }
  login                 { server, id, email, name }
  logout                { server }
  error (stderr)        { error: { code, message, … } }, one per line. CONFLICT adds current (the stored task).
                        AMBIGUOUS_ID adds candidates.
  warning (stderr)      { warning: { message } }

Exit codes:
  0                     success
  1                     refused or failed
  2                     wrong usage
  130                   Ctrl+C

Environment:
  HOLDFAST_URL          server URL
  HOLDFAST_PASSWORD     password for login
  HOLDFAST_TOKEN        token to use instead of a login: a session, or a token of an issuer that the server trusts
  VISUAL, EDITOR        editor
  NO_COLOR, FORCE_COLOR no colors, or always colors (default: colors only at a terminal)

Examples:
  tasks login ada@example.com --server https://tasks.example.com
  tasks add Water the plants
  tasks done 3f9a2c1b
  tasks list --json | jq -r '.[].title'
  tasks list | grep -i plant | cut -f1 | xargs tasks done
`;

export const examples = {
  login: `
The password comes from a prompt, stdin or HOLDFAST_PASSWORD. It is never an argument, because other programs can see
arguments. The session is stored in a file that only you can read.

Examples:
  tasks login
  tasks login ada@example.com --server https://tasks.example.com --sign-up --name Ada
  pass show tasks | tasks login ada@example.com --server https://tasks.example.com --password-stdin
`,
  add: `
The first line of stdin is the title. The following lines are the description.

Examples:
  tasks add Water the plants
  tasks add Call the plumber --description 'The tap again.'
  tasks add -- --help is not always an option
  git log -1 --format='Review: %s%n%n%b' | tasks add -
`,
  list: `
Without --limit, a terminal shows 50 tasks. Pipes and --json get all tasks. In a pipe, each task is one line with tabs
between its ID, state (open or done), time of creation and title.
`,
  edit: `
The first line in the editor is the title. The following lines are the description. The task is saved only if it did not
change while you edited it.

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
