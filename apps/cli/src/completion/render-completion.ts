import type { Command } from "commander";

/** Words that can come after a command line so far: the command path and what may follow it. */
interface Choice {
  /** `""` for the program itself, `budget set` for a command of a group. */
  readonly path: string;
  readonly words: readonly (readonly [word: string, description: string])[];
}

function describe(text: string): string {
  // Quotes and colons have a meaning in completion scripts.
  return text
    .replaceAll(/['"`:$\\[\]]/g, " ")
    .replaceAll(/\s+/g, " ")
    .trim();
}

function toChoices(command: Command, path: string): readonly Choice[] {
  const subcommands = command.commands.map(
    (each) => [each.name(), describe(each.summary() || each.description())] as const,
  );
  const options = command.options
    .filter(({ hidden, long }) => !hidden && long !== undefined)
    .map(({ long = "", description }) => [long, describe(description)] as const);
  const own: Choice = { path, words: [...subcommands, ...options, ["--help", "show the help"]] };
  const below = command.commands.flatMap((each) =>
    toChoices(each, `${path} ${each.name()}`.trim()),
  );
  return [own, ...below];
}

function renderBash(choices: readonly Choice[]): string {
  const cases = choices.map(
    ({ path, words }) => `    "${path}") words="${words.map(([word]) => word).join(" ")}" ;;`,
  );
  return `# bash completion for ertis
_ertis() {
  local current="\${COMP_WORDS[COMP_CWORD]}" path="" word words=""
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in -*) ;; *) path="\${path:+$path }$word" ;; esac
  done
  while :; do
    case "$path" in
${cases.join("\n")}
    esac
    [[ -n $words || -z $path ]] && break
    [[ $path == *" "* ]] && path="\${path% *}" || path=""
  done
  COMPREPLY=()
  while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -W "$words" -- "$current")
  [[ \${#COMPREPLY[@]} -gt 0 ]] || COMPREPLY=($(compgen -f -- "$current"))
}
complete -F _ertis ertis
`;
}

function renderZsh(choices: readonly Choice[]): string {
  const cases = choices.map(({ path, words }) => {
    const lines = words.map(([word, description]) => `        '${word}:${description}'`);
    return `    '${path}') found=(\n${lines.join("\n")}\n      ) ;;`;
  });
  return `#compdef ertis
_ertis() {
  local -a found
  local path_="" word
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case "$word" in -*) ;; *) path_="\${path_:+$path_ }$word" ;; esac
  done
  while :; do
    case "$path_" in
${cases.join("\n")}
    esac
    (( \${#found} )) && break
    [[ -z $path_ ]] && break
    [[ $path_ == *" "* ]] && path_="\${path_% *}" || path_=""
  done
  _describe 'ertis' found || _files
}
compdef _ertis ertis
`;
}

function renderFish(choices: readonly Choice[]): string {
  const lines = choices.flatMap(({ path, words }) => {
    const parts = path.split(" ").filter((part) => part !== "");
    const condition =
      parts.length === 0
        ? "__fish_use_subcommand"
        : parts.map((part) => `__fish_seen_subcommand_from ${part}`).join("; and ");
    return words.map(([word, description]) => {
      const what = word.startsWith("--") ? `-l ${word.slice(2)}` : `-a ${word}`;
      return `complete -c ertis -n '${condition}' ${what} -d '${description}'`;
    });
  });
  return `# fish completion for ertis\n${lines.join("\n")}\n`;
}

/** The completion script of a shell, from the commands as they are. */
export function renderCompletion(shell: string, program: Command): string {
  const choices = toChoices(program, "");
  switch (shell) {
    case "zsh":
      return renderZsh(choices);
    case "fish":
      return renderFish(choices);
    default:
      return renderBash(choices);
  }
}
