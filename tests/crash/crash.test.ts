import { setTimeout as pause } from "node:timers/promises";

import { forkStream } from "@ertis/executor-simulated";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { Hub } from "./hub.ts";
import { finish, restart, someLoad } from "./rounds.ts";
import { ServerProcess } from "./server-process.ts";

const seed = 1;
const random = forkStream(seed, "crash");

/** The tests follow each other on one data directory, each with what the one before left. */
describe("a data directory whose processes are killed in the middle of load", () => {
  let hub: Hub;
  beforeAll(async () => {
    hub = await Hub.create(seed);
  });
  afterAll(async () => {
    await hub.remove();
  });

  test("the server is killed: nothing acknowledged is lost, nothing started twice", async () => {
    await someLoad(hub, random);
    await hub.server.kill();
    expect(await restart(hub)).toEqual([]);
  });

  test("a second server on the directory is refused, and the first one goes on", async () => {
    const second = new ServerProcess(hub.directory.configFile, ["--listen", "127.0.0.1:0"]);
    const { exitCode, said } = await second.end();
    expect(exitCode).toBe(5);
    expect(said).toContain(`${hub.directory.dataDirectory} is in use by another server`);
    expect(said).toContain("end the other server first");
    expect(await hub.notShown()).toEqual([]);
  });

  test("it is killed after a snapshot was made: the restart begins with it", async () => {
    await someLoad(hub, random);
    await hub.server.line(/ snapshot made /);
    await someLoad(hub, random);
    await hub.server.kill();
    expect(await restart(hub)).toEqual([]);
    expect(hub.server.said).toMatch(/state restored .*snapshotSequence=[1-9]/);
  });

  test("it stands still for a while and goes on as if nothing had been, then is killed", async () => {
    await someLoad(hub, random);
    hub.server.pause();
    await pause(1_000);
    hub.server.resume();
    await someLoad(hub, random);
    expect(await hub.brokenInCluster()).toEqual([]);
    await hub.server.kill();
    expect(await restart(hub)).toEqual([]);
  });

  test("its cluster is killed: what ran there has failed with its nodes and is tried again", async () => {
    await someLoad(hub, random);
    expect(await hub.brokenInCluster()).toEqual([]);
    await hub.killCluster();
    await hub.startCluster();
    await hub.clusterIsAsked();
    await someLoad(hub, random);
    await hub.server.kill();
    expect(await restart(hub)).toEqual([]);
  });

  test("server and cluster are killed together", async () => {
    await someLoad(hub, random);
    expect(await hub.brokenInCluster()).toEqual([]);
    await Promise.all([hub.server.kill(), hub.killCluster()]);
    expect(await restart(hub)).toEqual([]);
  });

  test("in the end every job has ended as it had to, and replay equals live", async () => {
    await someLoad(hub, random);
    const { broken, live, replayed } = await finish(hub);
    expect(broken).toEqual([]);
    expect(replayed).toBe(live);
    const { acknowledged, repeatCount, cancelled } = hub.load.promises;
    // What ran in the clusters that were killed.
    expect(hub.log.seen.nodeFailures).toBeGreaterThan(0);
    expect(hub.log.seen.freeRetries).toBe(hub.log.seen.nodeFailures);
    // Nothing above can hold for want of load.
    expect(acknowledged.size).toBeGreaterThan(150);
    expect(repeatCount).toBeGreaterThan(10);
    expect(cancelled.size).toBeGreaterThan(0);
  });
});
