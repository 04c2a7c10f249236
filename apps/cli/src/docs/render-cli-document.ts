import type { Command } from "commander";
import type { Runtime } from "../commands/runtime.ts";
import { exitCodeMeanings } from "../exit-codes.ts";
import { settingVariables } from "../job-file/environment.ts";
import { createProgram } from "../program.ts";
import type { Output, Terminal } from "../terminal/terminal.ts";

const nowhere: Output = {
  write: () => undefined,
  isTty: false,
  columns: () => undefined,
  rows: () => undefined,
};

const terminal: Terminal = {
  stdout: nowhere,
  stderr: nowhere,
  readInput: async () => Promise.resolve(""),
  ask: async () => Promise.resolve(undefined),
  env: {},
  cwd: "/",
  nowMs: () => 0,
  interrupt: new AbortController().signal,
};

const runtime: Runtime = { terminal, finish: async (action) => void (await action) };

const introduction = `# The command line

Written by \`node apps/cli/src/docs/write-cli-document.ts\` from the help of \`ertis\`; a test fails when it is out of date. How it is
built is in [apps/cli](../apps/cli/README.md). In the root of the checkout it is typed as \`./ertis\`; not as \`npx ertis\`, which
outside the checkout fetches a stranger's package of that name from the public registry.

## Which scheduler, and as whom

1. \`--address\`, \`--token-file\`, \`--ca-file\`
2. \`ERTIS_ADDRESS\`, \`ERTIS_TOKEN\`
3. a context file: \`.ertis/contexts/NAME.json\` with \`--as NAME\`, else the file that \`ERTIS_CONTEXT\` names, else
   \`context.json\` in the directory that \`ERTIS_DATA\` names (as for \`npm start\`), else the nearest
   \`.ertis/context.json\` in this folder or one above, else \`$XDG_CONFIG_HOME/ertis/context.json\`

These options, \`--timeout\`, \`--verbose\`, \`--output\` and \`--no-headers\` stand before the command or after it; after it wins.

A context file that is found by looking upward is taken only when it is one's own. It holds \`{"address", "token", "person", "project", "caFile"}\`, each of them optional, and belongs to its owner alone (mode 600). Its
token is sent only to its own address. Plain text is spoken to this machine only, TLS to any other.

## Output

Data goes to standard output, messages to standard error. Times are those of this machine's time zone, unless another is named. Tables fit the terminal and are not cut in a pipe. \`-o json\`, \`jsonl\` and
\`yaml\` give the contract's own messages in protobuf's JSON form: fields with their default (0, empty, false) are left out.
\`NO_COLOR\`, \`FORCE_COLOR\`, \`TERM=dumb\` and \`COLUMNS\` are kept to; what colour says, a symbol and a word say as well. With a locale
that is not UTF-8 only ASCII is drawn.

## What describes a job

The same settings stand in four places; the later one wins:

1. a script's \`#SBATCH\` lines, then its \`#ERTIS\` lines, up to its first command, or a job file
2. environment variables: ${[...settingVariables.values()].map((name) => `\`${name}\``).join(", ")}
3. options of \`ertis submit\`

A job that names no project gets the \`project\` of the context file, else the only one that its owner belongs to.

An option that a line does not know fails with its line number, unless \`--ignore-unknown\` is given. In an \`#SBATCH\` line
\`--time\` means what Slurm means (\`90\` is minutes); elsewhere a bare number is refused.

A job file is YAML or JSON: one job, a list of jobs, or several documents. Its keys are the long options (\`gpus-per-node\` or
\`gpusPerNode\`) and \`command\`, \`args\`, \`script\`, \`labels\`, \`env\`. Options may stand after it as before it; arguments may not (those of a
script follow it):

\`\`\`yaml
project: nlp
name: train
nodes: 2
gpus-per-node: 8
time: 12h
array: 0-99%10
image: registry.local/train@sha256:0123
command: [python, train.py]
labels: { team: speech }
\`\`\`

## What describes accounts

The file of \`ertis accounts apply\` is YAML or JSON with one block, \`tenants\`. Below a tenant stand its \`projects\`, below a project its
\`users\`; names are of a-z, 0-9 and \`. _ -\`.

\`\`\`yaml
tenants:
  kazllm:
    weight: 3 # three times the share of university; 1 when left out
    guaranteed: { gpus: 512, power: 600 kW } # its own at any time
    borrow: { gpus: 256 } # on top, while others leave it free
    projects:
      speech:
        weight: 2
        users: { aigerim: { weight: 2 } }
      vision: {}
  university: {}
\`\`\`

An account may hold what it is guaranteed and what it may borrow together. Without \`borrow\`, or for what it leaves out, there is no
upper bound; \`borrow: { gpus: 0 }\` allows nothing beyond the guarantee. Guarantees of all tenants together may not pass what jobs can have of the sites (watts above idle draw),
nor those below an account what that account is guaranteed.

## Habits from Slurm

\`sbatch\`, \`squeue\`, \`scancel\` and \`sinfo\` work as \`ertis sbatch\` and so on, with Ertis's own options.
`;

function renderHelp(command: Command, path: string): string {
  const lines: string[] = [];
  command.configureOutput({
    writeOut: (text) => lines.push(text),
    getOutHelpWidth: () => 100,
  });
  command.outputHelp();
  const below = command.commands.map((each) => renderHelp(each, `${path} ${each.name()}`)).join("");
  const help = lines.join("").trimEnd();
  return `\n### ${path}\n\n\`\`\`text\n${help}\n\`\`\`\n${below}`;
}

/** docs/cli.md, whole. */
export function renderCliDocument(): string {
  const codes = exitCodeMeanings.map(([code, meaning]) => `| ${code} | ${meaning} |`);
  return [
    introduction,
    "\n## Exit codes\n",
    ["| code | meaning |", "| --- | --- |", ...codes].join("\n"),
    "\n## Commands",
    renderHelp(createProgram(runtime), "ertis"),
  ].join("\n");
}
