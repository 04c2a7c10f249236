import type { Command } from "commander";
import type { NodeChange, NodeChangeFlags } from "../actions/change-nodes.ts";
import type { NodesFlags } from "../actions/nodes.ts";
import { parseWhole } from "./filter-options.ts";
import { addConnectionOptions, addExamples, addOutputOptions } from "./options.ts";
import type { Runtime } from "./runtime.ts";

const exampleNode = "pavlodar-hub/substation-1/hall-2/row-03/rack-07/node-2";

function addNodes(program: Command, runtime: Runtime): void {
  const command = program
    .command("nodes [ids...]")
    .alias("sinfo")
    .summary("list nodes")
    .description("Lists nodes in the order of the site file.")
    .optionsGroup("Which:")
    .option("--site <site>", "at this site")
    .option("--domain <domain>", "in or below this domain")
    .option("--state <state>", "ready, lost or off")
    .option("--gpu <model>", "with GPUs of this model")
    .option("--cordoned", "cordoned or draining")
    .option("--busy", "on which a job holds a GPU")
    .option("--idle", "on which none does")
    .option("--limit <count>", "most nodes shown; 0 = all", parseWhole, 100);
  addOutputOptions(command);
  addConnectionOptions(command);
  addExamples(
    command,
    ["ertis nodes --state lost", "what has gone silent"],
    ["ertis nodes --domain pavlodar-hub/substation-1/hall-2 --idle", "what is free in one hall"],
    ["ertis nodes --cordoned -o wide", "what is out of service, why, and who did it"],
  ).action(async (ids: readonly string[], flags: NodesFlags) => {
    const { runNodes } = await import("../actions/nodes.ts");
    await runtime.finish(runNodes(runtime.terminal, ids, flags), flags);
  });
}

interface ChangeText {
  readonly change: NodeChange;
  readonly summary: string;
  readonly description: string;
  readonly addOptions: (command: Command) => Command;
  readonly examples: readonly (readonly [string, string])[];
}

const withDomain = (command: Command): Command =>
  command.option("--domain <domain>", "every node in or below this domain; asks first");

const changes: readonly ChangeText[] = [
  {
    change: "cordon",
    summary: "let no new jobs on nodes; what runs goes on",
    description: "Lets no new jobs on the nodes; what runs there goes on. Operators only.",
    addOptions: withDomain,
    examples: [
      [`ertis cordon ${exampleNode} --reason "fan 3 failed"`, "one node"],
      [
        "ertis cordon --domain pavlodar-hub/substation-1/hall-2/row-03/rack-07 --reason PDU",
        "a rack",
      ],
    ],
  },
  {
    change: "uncordon",
    summary: "take nodes back into service; ends a drain",
    description: "Lets new jobs on the nodes again and ends a drain. Operators only.",
    addOptions: withDomain,
    examples: [[`ertis uncordon ${exampleNode}`, "back into service"]],
  },
  {
    change: "drain",
    summary: "cordon nodes and empty them until a deadline",
    description:
      "Cordons the nodes and empties them until the deadline; --then says what happens to jobs that still run " +
      "then. Operators only.",
    addOptions: (command) =>
      withDomain(command)
        .option("--deadline <when>", "when they must be empty: now+2h, 18:00; default: now")
        .option("--then <action>", "requeue, cancel or wait"),
    examples: [
      [
        `ertis drain ${exampleNode} --deadline now+2h --then requeue --reason "firmware"`,
        "jobs that still run in two hours are stopped and queued again",
      ],
      [`ertis drain ${exampleNode} --then wait --reason "RMA"`, "jobs end in their own time"],
    ],
  },
  {
    change: "confirm-power-off",
    summary: "state that lost nodes are off: frees their power",
    description:
      "States that you know that a lost node is off: somebody stood before it, or its outlet was switched. Its " +
      "power is given to others at once, so a mistake can overload a breaker. Recorded with your name. Operators " +
      "only.",
    addOptions: (command) => command,
    examples: [
      [
        `ertis confirm-power-off ${exampleNode} --reason "outlet 12 switched off, seen by D. Akhmetov"`,
        "after looking; asks once more",
      ],
    ],
  },
];

function addChange(program: Command, runtime: Runtime, text: ChangeText): void {
  const { change } = text;
  const command = program
    .command(`${change} [ids...]`)
    .summary(text.summary)
    .description(text.description)
    .optionsGroup("How:");
  text
    .addOptions(command)
    .option("--reason <text>", `why, for the record${change === "uncordon" ? "" : "; required"}`)
    .option("-y, --yes", "do not ask");
  addOutputOptions(command);
  addConnectionOptions(command);
  addExamples(command, ...text.examples).action(
    async (ids: readonly string[], flags: NodeChangeFlags) => {
      const { runNodeChange } = await import("../actions/change-nodes.ts");
      await runtime.finish(runNodeChange(runtime.terminal, { change, ids, flags }), flags);
    },
  );
}

/** Everything about nodes. */
export function addNodeCommands(program: Command, runtime: Runtime): void {
  program.commandsGroup("Nodes:");
  addNodes(program, runtime);
  for (const text of changes) {
    addChange(program, runtime, text);
  }
}
