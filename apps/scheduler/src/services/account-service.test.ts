import {
  Account,
  AccountServiceService,
  ClockServiceService,
  ListAccountsRequest,
  SetAccountsRequest,
  type SetAccountsResponse,
} from "@ertis/api";
import { status } from "@grpc/grpc-js";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { as, call, failure, openHub, submitOne, type TestHub } from "../testing/hub.ts";

let hub: TestHub;

beforeAll(async () => {
  hub = await openHub();
});

afterAll(() => hub.close());

const accounts = [
  { id: "kazllm", weight: 3, quota: { guaranteedGpuCount: 4, guaranteedWatts: 1_000 } },
  { id: "kazllm/language", weight: 1 },
  { id: "others", weight: 1 },
];

interface WishedAccount {
  readonly id: string;
  readonly weight: number;
  readonly quota?: {
    readonly guaranteedGpuCount: number;
    readonly guaranteedWatts: number;
    readonly borrowableGpuCount?: number;
  };
}

interface Wish {
  readonly accounts: readonly WishedAccount[];
  readonly isDryRun?: boolean;
  readonly reason?: string;
}

function toRequest({ accounts: wished, isDryRun = false, reason = "the new year" }: Wish) {
  const all = wished.map((one) => Account.fromPartial(one));
  return SetAccountsRequest.fromPartial({ accounts: all, isDryRun, reason });
}

async function set(wish: Wish) {
  const message = toRequest(wish);
  return call(hub, AccountServiceService.setAccounts, message, as("dauren"));
}

test("a dry run says what would change and changes nothing; then it is set, and listed", async () => {
  const changes = { addedCount: 3, changedCount: 0, removedCount: 0 };
  const dry: SetAccountsResponse = await set({ accounts, isDryRun: true, reason: "" });
  expect(dry).toEqual({ ...changes, overQuota: [], sequence: 0 });
  const list = async () =>
    call(
      hub,
      AccountServiceService.listAccounts,
      ListAccountsRequest.fromPartial({}),
      as("aigerim"),
    );
  expect((await list()).accounts).toEqual([]);
  const done = await set({ accounts });
  expect(done).toMatchObject(changes);
  expect(done.sequence).toBeGreaterThan(0);
  const listed = await list();
  expect(listed.accounts.map(({ account }) => account?.id)).toEqual([
    "kazllm",
    "kazllm/language",
    "others",
  ]);
  expect(listed.accounts[0]).toMatchObject({ sharePermille: 750 });
  expect(listed.accounts[0]?.account?.quota).toEqual({
    guaranteedGpuCount: 4,
    guaranteedWatts: 1_000,
    borrowableGpuCount: undefined,
    borrowableWatts: undefined,
  });
  const again = await set({ accounts: accounts.slice(0, 2).map((one) => ({ ...one, weight: 1 })) });
  expect(again).toMatchObject({ addedCount: 0, changedCount: 1, removedCount: 1 });
});

test("only an operator sets accounts, with a reason, and what the sites have", async () => {
  const message = toRequest({ accounts });
  const denied = await failure(
    call(hub, AccountServiceService.setAccounts, message, as("aigerim")),
  );
  expect(denied.code).toBe(status.PERMISSION_DENIED);
  const bare = await failure(set({ accounts, reason: "" }));
  expect(bare.details).toContain("reason: is empty");
  const tooMuch = [
    { id: "a", weight: 1, quota: { guaranteedGpuCount: 1_000_000, guaranteedWatts: 0 } },
  ];
  for (const isDryRun of [false, true]) {
    const refused = await failure(set({ accounts: tooMuch, isDryRun }));
    expect(refused.code).toBe(status.FAILED_PRECONDITION);
    expect(refused.details).toContain("guarantee less");
  }
});

test("what is no account is named, and a long list is not read", async () => {
  const wrong = [
    { id: "", weight: 1 },
    { id: "a".repeat(192), weight: 1 },
    { id: "b", weight: 0 },
  ];
  const refused = await failure(set({ accounts: wrong }));
  expect(refused.code).toBe(status.INVALID_ARGUMENT);
  expect(refused.details).toContain("accounts[0].id");
  expect(refused.details).toContain("accounts[1].id");
  expect(refused.details).toContain("accounts[2].weight");
  const many = Array.from({ length: 10_001 }, (_, index) => ({ id: `t${index}`, weight: 1 }));
  expect((await failure(set({ accounts: many }))).details).toContain("found 10001");
});

test("a quota below what is held names who is over it and what waits, also in a dry run", async () => {
  for (let count = 0; count < 3; count += 1) {
    await submitOne(hub, "aigerim", { nodeCount: 4, gpusPerNode: 8 });
  }
  await submitOne(hub, "aigerim", { nodeCount: 16, gpusPerNode: 8 });
  const quota = {
    guaranteedGpuCount: 0,
    guaranteedWatts: 0,
    borrowableGpuCount: 64,
  };
  const narrow = [
    { id: "kazllm", weight: 1 },
    { id: "kazllm/nlp", weight: 1, quota },
  ];
  const expected = [
    {
      accountId: "kazllm/nlp",
      gpuUsedCount: 96,
      gpuMaxCount: 64,
      powerMaxWatts: undefined,
      waitingJobCount: 1,
      neverJobCount: 1,
    },
  ];
  const dry = { accounts: narrow, isDryRun: true, reason: "" };
  await vi.waitFor(async () => expect((await set(dry)).overQuota).toMatchObject(expected));
  expect((await set({ accounts: narrow })).overQuota).toMatchObject(expected);
});

test("what is held is used up to now, also right after accounts were set", async () => {
  await set({
    accounts: [
      { id: "fresh", weight: 1 },
      { id: "fresh/nlp", weight: 1 },
    ],
  });
  const used = async () => {
    const message = ListAccountsRequest.fromPartial({ parentId: "fresh" });
    const listed = await call(hub, AccountServiceService.listAccounts, message, as("aigerim"));
    return listed.accounts[0];
  };
  const before = await used();
  // The jobs of the tests before run on.
  expect(before?.gpuUsedCount).toBeGreaterThan(0);
  const { nowTimeMs } = await call(hub, ClockServiceService.getClock, {}, as("dauren"));
  const toTimeMs = nowTimeMs + 1_000;
  await call(hub, ClockServiceService.advance, { toTimeMs }, as("dauren"));
  const after = await used();
  const usedMs = (after?.decayedGpuMs ?? 0) - (before?.decayedGpuMs ?? 0);
  expect(usedMs / 1_000 / (before?.gpuUsedCount ?? 0)).toBeCloseTo(1, 3);
  expect(after?.usagePermille).toBe(1_000);
});
