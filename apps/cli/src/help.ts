export const programHelp = `
IDs:
  A list shows the end of each ID. Pipes and JSON contain whole IDs. For <id>, give the whole ID, or at least four
  characters from its start or end that only one of your tasks has. A part of an ID costs one more request per 200
  tasks that you have. A whole ID needs no search.

JSON (--json):
  add, edit, show       { id, title, description, completed, completedAt, createdAt, updatedAt, version, listId, due,
                        priority, labels, position, deletedAt }
  list, today, search, done, reopen, move, trash
                        an array of these
  rm, undo              an array of { id }
  lists                 an array of { id, name, color, position, archivedAt, createdAt, updatedAt, version }
  lists add, rename, archive, unarchive, delete, restore
                        one of these
  labels                an array of { name, count }
  labels rename, trash --empty
                        { count }
  export                { lists, tasks }; these lists have deletedAt too
  import                { created, unchanged, conflicts }; with problems ({ file, at, text }) from other apps
  import --dry-run      { formats, lists, tasks, problems }
  calendar              { createdAt }
  calendar create       { url, createdAt }
  whoami, profile       { server, id, email, name, createdAt, timeZone }
  login                 { server, id, email, name }
  logout, profile delete, calendar revoke
                        { server }
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
  HOLDFAST_TOKEN        token to use instead of a login: an API token (hf_…), a session, or a token of a trusted issuer
  VISUAL, EDITOR        editor
  NO_COLOR, FORCE_COLOR no colors, or always colors (default: colors only at a terminal)

Examples:
  tasks login ada@example.com --server https://tasks.example.com
  tasks add Water the plants tomorrow 9am
  tasks done 3f9a2c1b
  tasks undo
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
  profile: `
"Today", "overdue" and times of due dates are in your time zone.

Examples:
  tasks profile --time-zone Europe/Berlin
  tasks profile --name Ada
`,
  add: `
Words for a due date, #label, @list (or @"Two words") and a priority from ! to !!! are taken out of the title. A
backslash before a sign, or quotes around words, keep them in the title. Options win over words. Quote the text, because
shells change some of these signs.

The first line of stdin is the title. The following lines are the description. They are used as they are.

Examples:
  tasks add Water the plants
  tasks add 'Pay rent tomorrow 9am #home @money !!'
  tasks add --literal 'Watch Friday #2'
  tasks add Call the plumber --description 'The tap again.'
  tasks add -- --help is not always an option
  git log -1 --format='Review: %s%n%n%b' | tasks add -
`,
  list: `
Without --limit, a terminal shows 50 tasks. Pipes and --json get all tasks. In a pipe, each task is one line with tabs
between its ID, state (open or done), time of creation and title. JSON has all fields.

Examples:
  tasks list --list money --due overdue
  tasks list --due 'this week' --sort due
  tasks list --label home --priority high --all
`,
  done: `
Give IDs, or filters that select open tasks.

Examples:
  tasks done 3f9a2c1b 7d40e5aa
  tasks done --list money --due ..today
`,
  undo: `
It undoes one command, which you gave on this computer. It does not change tasks that have changed since then. With IDs,
it reopens these tasks and undoes nothing else.
`,
  rm: `
Give IDs, or filters that select open tasks. Restore tasks with \`tasks undo\` or \`tasks trash --restore <id>\`.

Examples:
  tasks rm 3f9a2c1b
  tasks rm --label old
`,
  lists: `
Examples:
  tasks lists add Money
  tasks lists rename money Bills
  tasks lists delete bills --move-to inbox
`,
  edit: `
Given labels replace the labels of the task.

The first line in the editor is the title. The following lines are the description. The task is saved only if it did not
change while you edited it.

Examples:
  tasks edit 3f9a2c1b
  tasks edit 3f9a2c1b --due 'next monday 9am' --list money --label home --priority high
  tasks edit 3f9a2c1b --title 'Water all plants' --if-version 3
`,
  export: `
The file is private: it contains all your texts.

Examples:
  tasks export > tasks.json
  tasks export | jq -r '.tasks[].title'
`,
  import: `
From an export of Holdfast, IDs, times, order and the trash stay as they were. Lists and tasks that exist do not change, so you
can import a file again.

Files of other apps:
  todoist               CSV of a project ("Export as a template"), or the files of a backup. Each file is a list.
  microsoft-to-do       CSV of the tasks of Outlook, or JSON of Microsoft Graph
  csv                   a header with title, and any of description, list, due, priority, labels, completed
  json                  an array of objects with the same keys
What Holdfast has no field for is written into the descriptions, and reported with its line.

Examples:
  tasks import tasks.json
  tasks import Work.csv Home.csv --dry-run
  tasks import outlook.csv --encoding windows-1252
  tasks export --server https://old.example.com | tasks import - --server https://new.example.com
`,
  calendar: `
Give the URL to Google Calendar, Apple Calendar, Outlook or another app that reads iCalendar. It has the next 750 open tasks with
a due date, and the last 250 of the year before. Apps read it again after some minutes to a day.

Examples:
  tasks calendar create
  tasks calendar revoke
`,
  deleteAccount: `
Your password confirms the deletion. No one can undo it. To take your tasks along, run \`tasks export\` first.

Examples:
  tasks profile delete
  pass show tasks | tasks profile delete --password-stdin
`,
  mcp: `
An assistant on this computer starts this command itself. It uses your login, or the token in HOLDFAST_TOKEN. With a
token of the scope read, the assistant can change nothing. Errors are on stderr.

Settings of an assistant:
  { "mcpServers": { "holdfast": { "command": "tasks", "args": ["mcp"] } } }
`,
  completion: `
Examples:
  eval "$(tasks completion bash)"                              in ~/.bashrc
  eval "$(tasks completion zsh)"                               in ~/.zshrc, after compinit
  tasks completion fish > ~/.config/fish/completions/tasks.fish
`,
};
