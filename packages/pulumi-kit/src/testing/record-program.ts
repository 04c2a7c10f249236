import * as pulumi from "@pulumi/pulumi";
import type { RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb.js";
import type { Outputs } from "../entry.ts";
import { isRecord } from "../record.ts";
import {
  kubeconfigSecretData,
  objectId,
  readRecord,
  toRecordedResource,
  unknownValue,
} from "./recorded-resource.ts";
import type { RecordedResource } from "./recorded-resource.ts";

export interface RecordOptions {
  readonly project: string;
  readonly stack: string;
  /** True by default, with unknown ids as in a first preview. */
  readonly isPreview?: boolean;
  /** `clusters/pavlodar-hub-s1-h1` to its outputs; other stacks do not exist. */
  readonly outputsOfOtherStacks?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

export interface StackRecord {
  readonly resources: readonly RecordedResource[];
  /** Stacks whose outputs it asked for, as `project/stack`, in order. */
  readonly readStacks: readonly string[];
  /** Known outputs in the clear; unknown ones are absent. */
  readonly outputs: Readonly<Record<string, unknown>>;
}

/** Runs any code that makes resources against Pulumi's mocks, and gives what it asked for. */
export async function recordProgram(
  options: RecordOptions,
  program: () => Outputs | Promise<Outputs>,
): Promise<StackRecord> {
  const { project, stack, isPreview = true } = options;
  const resources: RecordedResource[] = [];
  const readStacks: string[] = [];
  const mocks = createMocks(options, { isPreview, resources, readStacks });
  await pulumi.runtime.setMocks(mocks, project, stack, isPreview, "organization");
  recordRegistrations(resources);
  try {
    const outputs = collectKnownValues(await program());
    await pulumi.runtime.disconnect();
    // The last answers are in; what waits for them runs before the next turn.
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    return { resources, readStacks, outputs };
  } finally {
    await pulumi.runtime.disconnect();
  }
}

interface Recording {
  readonly isPreview: boolean;
  readonly resources: RecordedResource[];
  readonly readStacks: string[];
}

function createMocks(
  options: RecordOptions,
  { isPreview, resources, readStacks }: Recording,
): pulumi.runtime.Mocks {
  return {
    newResource: ({ type, name, inputs, id, custom, provider }) => {
      const plain: unknown = inputs;
      const known = isRecord(plain) ? plain : {};
      if (id !== undefined && id !== "") {
        resources.push(readRecord({ urn: "", type, name, id, provider: provider ?? "" }));
        // Nobody can read what is not known yet.
        return { id, state: id === unknownValue ? {} : { data: kubeconfigSecretData } };
      }
      const newId = custom === true && !isPreview ? (objectId(known) ?? name) : undefined;
      return { id: newId, state: known };
    },
    call: ({ token, inputs }) => {
      const plain: unknown = inputs;
      const name = isRecord(plain) && typeof plain["name"] === "string" ? plain["name"] : "";
      const stack = name.replace(/^organization\//, "");
      readStacks.push(stack);
      const outputs = options.outputsOfOtherStacks?.[stack];
      if (token !== "pulumi:pulumi:readStackOutputs" || outputs === undefined) {
        throw rpcError(`unknown stack "${name}"`);
      }
      return { name, outputs };
    },
  };
}

/** The SDK takes the message of a failed call from where gRPC has it. */
function rpcError(details: string): Error {
  return Object.assign(new Error(details), { details });
}

type Register = (
  request: RegisterResourceRequest,
  callback: (error: unknown, response: { getUrn: () => string } | undefined) => void,
) => unknown;

/** Mocks see inputs only; options such as protect and dependsOn are in the request beneath. */
function recordRegistrations(resources: RecordedResource[]): void {
  const monitor: unknown = pulumi.runtime.getMonitor();
  if (!hasRegister(monitor)) {
    throw new Error("Pulumi's mock monitor has no registerResource; did its internals change?");
  }
  const register = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request, callback): unknown =>
    register(request, (error, response) => {
      if (response !== undefined) {
        resources.push(toRecordedResource(request, response.getUrn()));
      }
      callback(error, response);
    });
}

function hasRegister(monitor: unknown): monitor is { registerResource: Register } {
  return (
    typeof monitor === "object" &&
    monitor !== null &&
    "registerResource" in monitor &&
    typeof monitor.registerResource === "function"
  );
}

/** Fills in later, as outputs become known; those that stay unknown never call back. */
function collectKnownValues(
  outputs: Readonly<Record<string, pulumi.Input<unknown>>>,
): Readonly<Record<string, unknown>> {
  const result: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(outputs)) {
    const output: pulumi.Output<unknown> = pulumi.output(value);
    output.apply((known) => {
      result[name] = known;
    });
  }
  return result;
}
