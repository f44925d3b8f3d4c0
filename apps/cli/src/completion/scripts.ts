/**
 * The completion script for each shell. The scripts pass the words of the command line on without evaluating them, and
 * only show the suggestions.
 */
export const shells = {
  bash: `_tasks() {
  local IFS=$'\\n'
  COMPREPLY=($(tasks complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null | cut -f1))
}
complete -F _tasks tasks
`,
  zsh: `#compdef tasks
_tasks() {
  local -a found
  found=("\${(@f)$(tasks complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  found=("\${(@)\${(@)\${(@)found//\\\\/\\\\\\\\}//:/\\\\:}/$'\\t'/:}")
  [[ -n $found ]] && _describe -V task found
}
if [[ \${funcstack[1]} == _tasks ]]; then _tasks "$@"; else compdef _tasks tasks; fi
`,
  fish: `complete -c tasks -f -k -a '(tasks complete -- (commandline -opc)[2..-1] (commandline -ct) 2>/dev/null)'
`,
};
