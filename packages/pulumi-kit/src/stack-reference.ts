import { existsSync, readFileSync } from "node:fs";
import type { ProjectName } from "@ertis/provisioning-model";
import * as pulumi from "@pulumi/pulumi";
import { isRecord } from "./record.ts";
import { StackError } from "./stack-error.ts";
import { factParsers } from "./stack-facts.ts";
import type { StackFacts } from "./stack-facts.ts";

/**
 * The facts of another stack. When that stack is not up, they are unknown in a preview, so that all
 * stacks can be previewed before any is up, and an error in an update. Await it before the first
 * resource: then an update that cannot work changes nothing.
 *
 * `pulumi.StackReference` is not used because a missing stack ends the program there.
 */
export async function stackReference<Project extends ProjectName>(
  project: Project,
  stack: string,
): Promise<pulumi.Output<StackFacts[Project]>> {
  const file = project === "management" ? process.env["ERTIS_MANAGEMENT_OUTPUTS"] : undefined;
  const outputs =
    file === undefined
      ? await readOutputs(`organization/${project}/${stack}`)
      : readOutputsFile(file);
  const parse: (values: Readonly<Record<string, unknown>>) => StackFacts[Project] | undefined =
    factParsers[project];
  const facts = outputs === undefined ? undefined : parse(outputs);
  if (facts !== undefined) {
    return pulumi.output("").apply((): StackFacts[Project] => facts);
  }
  if (pulumi.runtime.isDryRun()) {
    return unknownOutput();
  }
  throw new StackError(
    `This stack needs ${project}/${stack}, which ${
      outputs === undefined ? "does not exist yet" : "is not up as a whole"
    }. Bring that up first: npm run up -- ${project}/${stack}, or npm run up, which takes all stacks in order.`,
  );
}

/** A value that is known only after an update; what depends on it shows as unknown in previews. */
export function unknownOutput<Value>(): pulumi.Output<Value> {
  return pulumi.output(pulumi.unknown).apply((): Value => {
    throw new Error("a function on an unknown value was called");
  });
}

/**
 * The state of `management/main` is on files, for a database does not hold the state of the stack that
 * makes it. With the other states in that database the engine cannot read it, so its outputs come as a
 * file. Undefined when that is absent: the stack is not up.
 */
function readOutputsFile(file: string): Readonly<Record<string, unknown>> | undefined {
  if (!existsSync(file)) {
    return undefined;
  }
  const outputs: unknown = JSON.parse(readFileSync(file, "utf8"));
  return isRecord(outputs) ? outputs : {};
}

/** Undefined when there is no such stack. */
async function readOutputs(name: string): Promise<Readonly<Record<string, unknown>> | undefined> {
  try {
    const result: unknown = await pulumi.runtime.invoke("pulumi:pulumi:readStackOutputs", { name });
    const outputs = isRecord(result) ? result["outputs"] : undefined;
    return isRecord(outputs) ? outputs : {};
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (message.includes("unknown stack")) {
      return undefined;
    }
    throw new StackError(`The outputs of stack ${name} cannot be read: ${message}`);
  }
}
