import { spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { credentials } from "@grpc/grpc-js";
import services from "@pulumi/pulumi/proto/analyzer_grpc_pb.js";
import messages from "@pulumi/pulumi/proto/analyzer_pb.js";
import type {
  AnalyzeRequest,
  AnalyzeResponse,
  AnalyzerInfo,
} from "@pulumi/pulumi/proto/analyzer_pb.js";
import type { Fields } from "../fields.ts";

/** The executable that the engine is given. */
export const packPath: string = resolve(import.meta.dirname, "../../run-policy-pack");

/** A resource as the engine would send it: data with Pulumi's marks for secrets and unknowns. */
export interface Shown {
  readonly type: string;
  readonly name: string;
  readonly inputs: Fields;
  readonly isProtected?: boolean;
}

export interface Violation {
  readonly policy: string;
  readonly message: string;
}

/** The pack as a process, spoken to as the engine speaks to it, without an engine. */
export interface RunningPack {
  readonly policyNames: () => Promise<readonly string[]>;
  readonly configure: (config: Readonly<Record<string, string>>) => Promise<void>;
  /** What the engine does with one resource: offers it for changes, then has it judged. */
  readonly judge: (shown: Shown) => Promise<readonly Violation[]>;
  readonly judgeStack: (shown: readonly Shown[]) => Promise<readonly Violation[]>;
  readonly stop: () => Promise<void>;
}

/** How Pulumi's protocol marks a secret. */
export function secret(value: unknown): Fields {
  return { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", value };
}

/** How it marks a text that is not known yet. */
export const unknownText = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

export async function startPack(stack: {
  readonly project: string;
  readonly stack: string;
  readonly environment: NodeJS.ProcessEnv;
}): Promise<RunningPack> {
  const child = spawn(packPath, ["127.0.0.1:0"], {
    env: stack.environment,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [port] = await Promise.race([
    once(createInterface(child.stdout), "line"),
    once(child, "exit").then(([code]) => {
      throw new Error(`the pack ended with ${String(code)} before it served`);
    }),
  ]);
  const client = new services.AnalyzerClient(
    `127.0.0.1:${String(port)}`,
    credentials.createInsecure(),
  );
  const requestOf = (shown: Shown): AnalyzeRequest =>
    fill(new messages.AnalyzeRequest(), shown, stack);
  return {
    policyNames: async () => {
      const empty = services.AnalyzerService.getAnalyzerInfo.requestDeserialize(Buffer.alloc(0));
      const info = await call<AnalyzerInfo>((done) => client.getAnalyzerInfo(empty, done));
      return info.getPoliciesList().map((policy) => policy.getName());
    },
    configure: async (config) => {
      const request = new messages.AnalyzerStackConfigureRequest();
      request.setProject(stack.project).setStack(stack.stack).setDryRun(true);
      for (const [key, value] of Object.entries(config)) {
        request.getConfigMap().set(key, value);
      }
      await call((done) => client.configureStack(request, done));
    },
    judge: async (shown) => {
      await call((done) => client.remediate(requestOf(shown), done));
      return violations(await call((done) => client.analyze(requestOf(shown), done)));
    },
    judgeStack: async (all) => {
      const resources = all.map((shown) => fill(new messages.AnalyzerResource(), shown, stack));
      const request = new messages.AnalyzeStackRequest().setResourcesList(resources);
      return violations(await call((done) => client.analyzeStack(request, done)));
    },
    stop: async () => {
      client.close();
      child.kill();
      await once(child, "exit");
    },
  };
}

async function call<Response>(
  start: (done: (error: Error | null, response: Response) => void) => unknown,
): Promise<Response> {
  return new Promise((fulfil, reject) => {
    start((error, response) => (error === null ? fulfil(response) : reject(error)));
  });
}

function violations(response: AnalyzeResponse): readonly Violation[] {
  return response.getDiagnosticsList().map((diagnostic) => ({
    policy: diagnostic.getPolicyname(),
    message: diagnostic.getMessage(),
  }));
}

function fill<Request extends AnalyzeRequest | InstanceType<typeof messages.AnalyzerResource>>(
  request: Request,
  shown: Shown,
  { project, stack }: { readonly project: string; readonly stack: string },
): Request {
  const options = new messages.AnalyzerResourceOptions().setProtect(shown.isProtected ?? false);
  request.setType(shown.type);
  request.setName(shown.name);
  request.setUrn(`urn:pulumi:${stack}::${project}::${shown.type}::${shown.name}`);
  request.setOptions(options);
  request.setProperties(toStruct(shown.inputs));
  return request;
}

type Struct = NonNullable<ReturnType<AnalyzeRequest["getProperties"]>>;

/** The messages must be of the very copy that Pulumi's own generated code uses. */
const requireAsPulumi = createRequire(import.meta.resolve("@pulumi/pulumi"));

function toStruct(value: Fields): Struct {
  const loaded: unknown = requireAsPulumi("google-protobuf/google/protobuf/struct_pb.js");
  if (!hasStruct(loaded)) {
    throw new Error("google-protobuf has no Struct; did Pulumi change its message library?");
  }
  return loaded.Struct.fromJavaScript(value);
}

function hasStruct(
  loaded: unknown,
): loaded is { readonly Struct: { readonly fromJavaScript: (value: object) => Struct } } {
  return typeof loaded === "object" && loaded !== null && "Struct" in loaded;
}
