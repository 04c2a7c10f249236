import type { ServerUnaryCall } from "@grpc/grpc-js";
import { Metadata, type ServiceError, type StatusObject } from "@grpc/grpc-js";
import { RequestInfo, RpcStatus } from "@ertis/api";
import { expect, test, vi } from "vitest";
import { rememberCaller, type Decoded, unary } from "./calls.ts";

test("a call that fails inside is answered with the id that is logged beside the error", async () => {
  const fault = new Error("broken");
  const reportFailure = vi.fn();
  const handler = unary<string, string>(() => Promise.reject(fault), reportFailure);
  const metadata = new Metadata();
  rememberCaller(metadata, { name: "aigul", projects: [], role: "member" } as never);
  const call = { metadata, request: { kind: "ok", request: "" }, getPath: () => "/a/B" };
  const answered = new Promise<Partial<StatusObject> | ServiceError | null>((resolve) => {
    handler(call as unknown as ServerUnaryCall<Decoded<string>, string>, (error) => resolve(error));
  });
  const status = await answered;
  const [bytes] = status?.metadata?.get("grpc-status-details-bin") ?? [];
  const details = RpcStatus.decode(bytes as Buffer).details;
  const info = details.find(({ typeUrl }) => typeUrl.endsWith("RequestInfo"));
  const { requestId } = RequestInfo.decode(info?.value ?? Buffer.alloc(0));
  expect(requestId).toMatch(/^[0-9a-f-]{36}$/);
  expect(reportFailure).toHaveBeenCalledExactlyOnceWith("/a/B", fault, requestId);
});
