import {
  JobServiceService,
  JobServiceClient,
  JobSpec,
  PowerServiceClient,
  RpcStatus,
} from "@ertis/api";
import type { Reporter } from "@ertis/scheduler-runtime";
import { credentials, Metadata, type ServiceError } from "@grpc/grpc-js";
import { type Credential, tokenSha256 } from "../auth/authenticate.ts";
import { defaultConfig, type ServerConfig } from "../config/server-config.ts";
import { type RunningServer, serve } from "../start/serve.ts";
import { siteId, smallSite } from "./small-site.ts";

export const tokens = {
  aigerim: "token-of-aigerim-0123456789",
  bolat: "token-of-bolat-0123456789ab",
  dauren: "token-of-dauren-0123456789a",
  saule: "token-of-saule-0123456789ab",
} as const;

export type PersonName = keyof typeof tokens;

const people: readonly Credential[] = [
  who("aigerim", ["researcher"], ["nlp"]),
  who("bolat", ["researcher"], ["vision"]),
  who("dauren", ["operator"], ["*"]),
  who("saule", ["viewer"], ["*"]),
];

function who(
  name: PersonName,
  roles: Credential["person"]["roles"],
  projects: readonly string[],
): Credential {
  return {
    person: { name, roles, projects: new Set(projects) },
    tokenSha256: tokenSha256(tokens[name]),
  };
}

const silent: Reporter = { info: () => undefined, warn: () => undefined };

export const testConfig: ServerConfig = {
  ...defaultConfig,
  port: 0,
  clock: "stepped",
  clockStartMs: 1_800_000_000_000,
  sites: [{ file: "test-hub.yaml", text: smallSite, phases: "built" }],
  clusters: [{ site: siteId, seed: 1, isOwnProcess: false, physics: {} }],
  projects: ["nlp", "vision"],
  people,
  rate: { callsPerSecond: 100_000, burst: 100_000 },
};

/** A server in this process and clients for it; `close` ends all of them. */
export interface TestHub {
  readonly server: RunningServer;
  readonly jobs: JobServiceClient;
  readonly power: PowerServiceClient;
  close(): Promise<void>;
}

export async function openHub(
  changes: Partial<ServerConfig> = {},
  reporter: Reporter = silent,
): Promise<TestHub> {
  const server = await serve({ ...testConfig, ...changes }, reporter);
  const plain = credentials.createInsecure();
  // A pool of its own: a test that breaks its connection breaks nobody else's.
  const options = { "grpc.use_local_subchannel_pool": 1, "grpc.max_receive_message_length": -1 };
  const clients = {
    jobs: new JobServiceClient(server.address, plain, options),
    power: new PowerServiceClient(server.address, plain, options),
  };
  return {
    server,
    ...clients,
    close: async () => {
      await server.close();
      Object.values(clients).forEach((client) => client.close());
    },
  };
}

export function as(person: PersonName): Metadata {
  const metadata = new Metadata();
  metadata.set("authorization", `Bearer ${tokens[person]}`);
  return metadata;
}

/** What a generated service definition says about one method. */
interface Method<Request, Answer> {
  readonly path: string;
  readonly requestSerialize: (request: Request) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => Answer;
}

/** A unary call as a promise. */
export function call<Request, Answer>(
  hub: TestHub,
  method: Method<Request, Answer>,
  request: Request,
  metadata: Metadata,
): Promise<Answer> {
  const { path, requestSerialize, responseDeserialize } = method;
  return new Promise((resolve, reject) => {
    hub.jobs.makeUnaryRequest(
      path,
      requestSerialize,
      responseDeserialize,
      request,
      metadata,
      (error, value) => {
        if (error === null && value !== undefined) {
          resolve(value);
        } else {
          reject(error ?? new Error("neither an error nor an answer"));
        }
      },
    );
  });
}

/** The error of a call that has to fail. */
export async function failure(promise: Promise<unknown>): Promise<ServiceError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Error && "metadata" in error && error.metadata instanceof Metadata) {
      // eslint-disable-next-line typescript/no-unsafe-type-assertion -- what has metadata comes from grpc-js
      return error as ServiceError;
    }
    throw error;
  }
  throw new Error("the call was expected to fail, and did not");
}

/** google.rpc.Status of a failed call. */
export function detailsOf(error: ServiceError): RpcStatus {
  const bytes = error.metadata.get("grpc-status-details-bin")[0];
  if (!(bytes instanceof Buffer)) {
    throw new Error(`no details in ${error.message}`);
  }
  return RpcStatus.decode(bytes);
}

let nextRequest = 0;

/** A UUID that no other test uses. */
export function requestId(): string {
  nextRequest += 1;
  return `00000000-0000-4000-8000-${nextRequest.toString(16).padStart(12, "0")}`;
}

/** A job that is right unless `changes` say otherwise. */
export function specWith(changes: Partial<JobSpec> = {}): JobSpec {
  return {
    ...JobSpec.fromPartial({
      project: "nlp",
      name: "train",
      nodeCount: 1,
      gpusPerNode: 8,
      walltimeMs: 3_600_000,
      image: "registry.local/train",
    }),
    ...changes,
  };
}

/** Submits one job and gives its id. */
export async function submitOne(
  hub: TestHub,
  person: PersonName,
  changes: Partial<JobSpec> = {},
): Promise<string> {
  const { results } = await call(
    hub,
    JobServiceService.submitJobs,
    { items: [{ requestId: requestId(), spec: specWith(changes) }] },
    as(person),
  );
  const outcome = results[0]?.outcome;
  if (outcome?.$case !== "acceptedJobId") {
    throw new Error(`not accepted: ${JSON.stringify(outcome?.value)}`);
  }
  return outcome.value;
}
