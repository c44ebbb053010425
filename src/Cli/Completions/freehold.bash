# Completes freehold in bash. Put it into ~/.bashrc:  source <(freehold completion bash)
_freehold() {
  local IFS=$'\n'
  COMPREPLY=($(compgen -W "$(freehold "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _freehold freehold
