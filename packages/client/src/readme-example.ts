// The example of README.md: type-checked with the package, compared with the README by client.test.ts.
import { createClient } from "@ertis/client";

const client = createClient({ address: "127.0.0.1:7070", token: process.env["ERTIS_TOKEN"] ?? "" });

const spec = { project: "nlp", name: "train", nodeCount: 2, gpusPerNode: 8, walltimeMs: 7_200_000 };
const [outcome] = await client.submit([{ spec: { ...spec, script: "#!/bin/sh\n./train.sh\n" } }]);

if (outcome?.kind === "accepted") {
  for await (const event of client.watchJobs({ jobIds: [outcome.jobId] })) {
    if (event.kind === "message" && event.message.jobs.some(({ endTimeMs }) => endTimeMs > 0)) {
      break;
    }
  }
} else if (outcome?.kind === "refused") {
  throw new Error(`${outcome.rejection.reason}: ${outcome.rejection.message}`);
}
client.close();
