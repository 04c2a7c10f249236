import { execFileSync } from "node:child_process";
import { promisify } from "node:util";
import {
  Client,
  credentials,
  Server,
  ServerCredentials,
  status,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceError,
  type sendUnaryData,
} from "@grpc/grpc-js";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  JobServiceClient,
  JobServiceService,
  JobSpec,
  SubmitJobsRequest,
  type SubmitJobsResponse,
  WatchJobsRequest,
  type WatchJobsResponse,
  WatchPhase,
} from "./index.ts";

const server = new Server();
let address = "";
let client: JobServiceClient;

/** Accepts every item and numbers the jobs from 1. */
function submitJobs(
  call: ServerUnaryCall<SubmitJobsRequest, SubmitJobsResponse>,
  answer: sendUnaryData<SubmitJobsResponse>,
): void {
  const results = call.request.items.map((_item, index) => ({
    outcome: { $case: "acceptedJobId" as const, value: `${index + 1}` },
    deadlineMissedByMs: 0,
  }));
  answer(null, { results, sequence: 7 });
}

/** Sends one empty snapshot, then says that the stream lives. */
function watchJobs(call: ServerWritableStream<WatchJobsRequest, WatchJobsResponse>): void {
  for (const phase of [WatchPhase.SYNCED, WatchPhase.HEARTBEAT]) {
    call.write({ phase, resumeToken: "7", sequence: 7, jobs: [], leftJobIds: [] });
  }
  call.end();
}

beforeAll(async () => {
  server.addService(JobServiceService, { submitJobs, watchJobs });
  const bind = promisify(server.bindAsync.bind(server));
  const port = await bind("127.0.0.1:0", ServerCredentials.createInsecure());
  address = `127.0.0.1:${port}`;
  client = new JobServiceClient(address, credentials.createInsecure());
});

afterAll(() => {
  client.close();
  server.forceShutdown();
});

function submit(request: SubmitJobsRequest): Promise<SubmitJobsResponse> {
  return new Promise((resolve, reject) => {
    client.submitJobs(request, (error, response) => {
      if (error === null) {
        resolve(response);
      } else {
        reject(error);
      }
    });
  });
}

const spec = JobSpec.fromPartial({
  project: "nlp",
  name: "train",
  nodeCount: 2,
  gpusPerNode: 8,
  walltimeMs: 86_400_000,
  image: "registry.local/train@sha256:0123",
});

function batch(itemCount: number): SubmitJobsRequest {
  const items = Array.from({ length: itemCount }, (_, index) => ({
    requestId: `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`,
    spec,
  }));
  return { items };
}

test("1,000 jobs go from a client to a server and each gets its answer", async () => {
  const { results, sequence } = await submit(batch(1_000));
  expect(results).toHaveLength(1_000);
  expect(results[999]?.outcome).toEqual({ $case: "acceptedJobId", value: "1000" });
  expect(sequence).toBe(7);
});

test("a stream delivers its messages in order and ends", async () => {
  const phases: WatchPhase[] = [];
  for await (const message of client.watchJobs(WatchJobsRequest.fromPartial({}))) {
    phases.push((message as WatchJobsResponse).phase);
  }
  expect(phases).toEqual([WatchPhase.SYNCED, WatchPhase.HEARTBEAT]);
});

test("bytes cut off in the middle are an error to the sender, and the server lives on", async () => {
  const raw = new Client(address, credentials.createInsecure());
  const bytes = Buffer.from(SubmitJobsRequest.encode(batch(3)).finish()).subarray(0, -5);
  const { path, responseDeserialize } = JobServiceService.submitJobs;
  const error = await new Promise<ServiceError | null>((resolve) => {
    raw.makeUnaryRequest(path, (value: Buffer) => value, responseDeserialize, bytes, resolve);
  });
  raw.close();
  expect(error?.code).toBe(status.INTERNAL);
  expect(error?.details).toMatch(/deserializ/i);
  expect((await submit(batch(1))).results).toHaveLength(1);
});

test("Node runs the generated TypeScript as it is", () => {
  const script = `
    import { JobSpec, JobState } from ${JSON.stringify(new URL("index.ts", import.meta.url).href)};
    const bytes = JobSpec.encode(JobSpec.fromPartial({ name: "x" })).finish();
    console.log(JobSpec.decode(bytes).name, JobState.QUEUED);
  `;
  const output = execFileSync(process.execPath, ["--input-type=module", "--eval", script]);
  expect(output.toString()).toBe("x 3\n");
});
