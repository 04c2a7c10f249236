import { mkdtempSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { JobServiceService, ErrorInfo, ListJobsRequest, QuotaFailure, RetryInfo } from "@ertis/api";
import { BinaryReader, BinaryWriter } from "@bufbuild/protobuf/wire";
import { Client, credentials, status } from "@grpc/grpc-js";
import { expect, test } from "vitest";
import { as, call, detailsOf, failure, openHub, submitOne, testConfig } from "../testing/hub.ts";

const { limits } = testConfig;

test("a caller above the rate is told when to come back, others are not held up", async () => {
  const hub = await openHub({ rate: { callsPerSecond: 1, burst: 2 } });
  const list = (person: "aigerim" | "bolat") =>
    call(hub, JobServiceService.listJobs, ListJobsRequest.fromPartial({}), as(person));
  await list("aigerim");
  await list("aigerim");
  const error = await failure(list("aigerim"));
  expect(error.code).toBe(status.RESOURCE_EXHAUSTED);
  const details = detailsOf(error).details;
  const bytesOf = (name: string): Buffer =>
    Buffer.from(details.find(({ typeUrl }) => typeUrl.endsWith(name))?.value ?? []);
  expect(ErrorInfo.decode(bytesOf("ErrorInfo")).reason).toBe("RATE_EXCEEDED");
  expect(QuotaFailure.decode(bytesOf("QuotaFailure")).violations[0]?.subject).toBe("aigerim");
  const { retryDelay } = RetryInfo.decode(bytesOf("RetryInfo"));
  expect(Number(retryDelay?.seconds) * 1_000 + (retryDelay?.nanos ?? 0) / 1e6).toBeGreaterThan(0);
  await list("bolat");
  await hub.close();
});

function opened(port: number): Promise<Socket> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => resolve(socket));
    socket.on("error", () => undefined);
  });
}

function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.once("close", () => resolve());
    socket.resume();
  });
}

test("mute connections are closed, and one address has no more than its share", async () => {
  const hub = await openHub({
    limits: { ...limits, firstByteMs: 200, connectionsPerAddressMax: 5 },
  });
  const sockets = await Promise.all(Array.from({ length: 20 }, () => opened(hub.server.port)));
  await Promise.all(sockets.map(closed));
  await submitOne(hub, "aigerim", { held: true });
  await hub.close();
});

test("a call whose message never comes is ended", async () => {
  const hub = await openHub({ limits: { ...limits, callMsMax: 300 } });
  const client = new Client(hub.server.address, credentials.createInsecure());
  const error = await new Promise<{ code: number }>((resolve) => {
    // Typed as a stream of requests, the message can be left out.
    const half = client.makeClientStreamRequest(
      "/ertis.v1.JobService/ListJobs",
      (bytes: Buffer) => bytes,
      (bytes: Buffer) => bytes,
      as("aigerim"),
      (problem) => resolve(problem ?? { code: 0 }),
    );
    half.on("error", () => undefined);
  });
  expect(error.code).toBe(status.DEADLINE_EXCEEDED);
  client.close();
  await hub.close();
});

function rawUnary(address: string, path: string, bytes: Buffer): Promise<Buffer> {
  const client = new Client(address, credentials.createInsecure());
  return new Promise((resolve, reject) => {
    const same = (value: Buffer): Buffer => value;
    client.makeUnaryRequest(path, same, same, bytes, (error, value) => {
      client.close();
      if (error === null && value !== undefined) {
        resolve(value);
      } else {
        reject(error);
      }
    });
  });
}

test("health needs no token: serving when open, unknown services are not found", async () => {
  const hub = await openHub();
  const check = (service: string) =>
    rawUnary(
      hub.server.address,
      "/grpc.health.v1.Health/Check",
      Buffer.from(new BinaryWriter().uint32(10).string(service).finish()),
    );
  expect([...(await check("ertis.v1.JobService"))]).toEqual([8, 1]);
  expect((await failure(check("elsewhere"))).code).toBe(status.NOT_FOUND);
  await hub.close();
});

test("reflection lists the services and gives the file of a symbol", async () => {
  const hub = await openHub();
  const client = new Client(hub.server.address, credentials.createInsecure());
  const ask = (question: Uint8Array): Promise<Buffer> =>
    new Promise((resolve, reject) => {
      const stream = client.makeBidiStreamRequest(
        "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
        (bytes: Buffer) => bytes,
        (bytes: Buffer) => bytes,
      );
      stream.on("error", reject);
      stream.on("data", (answer: Buffer) => resolve(answer));
      stream.write(Buffer.from(question));
      stream.end();
    });
  const services = await ask(new BinaryWriter().uint32(58).string("").finish());
  expect(services.toString()).toContain("ertis.v1.JobService");
  expect(services.toString()).toContain("ertis.simulation.v1.ClockService");
  const file = await ask(new BinaryWriter().uint32(34).string("ertis.v1.JobSpec").finish());
  expect(file.toString()).toContain("ertis/v1/job.proto");
  const missing = new BinaryReader(await ask(new BinaryWriter().uint32(34).string("a.B").finish()));
  const fields: number[] = [];
  while (missing.pos < missing.len) {
    const [field, type] = missing.tag();
    fields.push(field);
    missing.skip(type, field);
  }
  expect(fields).toEqual([2, 7]);
  client.close();
  await hub.close();
});

test("what was acknowledged while closing is there afterwards; the rest is sent away", async () => {
  const directory = mkdtempSync(join(tmpdir(), "ertis-close-"));
  const hub = await openHub({ dataDirectory: directory });
  await submitOne(hub, "aigerim", { held: true });
  const submits = Array.from({ length: 200 }, () => submitOne(hub, "aigerim", { held: true }));
  const settled = Promise.allSettled(submits);
  await hub.close();
  const outcomes = await settled;
  const accepted = outcomes.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  for (const one of outcomes) {
    if (one.status === "rejected") {
      expect((one.reason as { code: number }).code).toBe(status.UNAVAILABLE);
    }
  }
  const again = await openHub({ dataDirectory: directory });
  for (const jobId of accepted) {
    const { job } = await call(again, JobServiceService.getJob, { jobId }, as("aigerim"));
    expect(job?.id).toBe(jobId);
  }
  await again.close();
  rmSync(directory, { recursive: true });
});
