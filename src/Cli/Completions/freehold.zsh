# Completes freehold in zsh. Put it into ~/.zshrc, after compinit:  source <(freehold completion zsh)
_freehold() {
  local line="${(j: :)words[1,CURRENT]}"
  local -a candidates
  candidates=("${(@f)$(freehold "[suggest:${#line}]" "$line" 2>/dev/null)}")
  compadd -- "${candidates[@]}"
}
compdef _freehold freehold
