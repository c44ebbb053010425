# Completes freehold in fish. Put it into ~/.config/fish/config.fish:  freehold completion fish | source
complete -c freehold -a '(set -l line (commandline -cp); freehold "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null)'
