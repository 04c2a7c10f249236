import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { createApiClient } from "./api-client.ts";
import type { ApiClient } from "./api-client.ts";

let closeServer: (() => void) | undefined;

afterEach(() => {
  closeServer?.();
});

async function clientOf(
  answer: (request: IncomingMessage, response: ServerResponse, count: number) => void,
): Promise<ApiClient> {
  let requestCount = 0;
  const started = createServer((request, response) => {
    requestCount += 1;
    answer(request, response, requestCount);
  });
  closeServer = () => {
    started.closeAllConnections();
    started.close();
  };
  const { promise, resolve } = Promise.withResolvers<undefined>();
  started.listen(0, "127.0.0.1", () => resolve(undefined));
  await promise;
  // A listening TCP server has an address with a port.
  const { port } = started.address() as AddressInfo;
  return createApiClient({
    server: `http://127.0.0.1:${port}/prefix/`,
    namespace: undefined,
    isServerVerified: true,
    serverName: undefined,
    certificateAuthority: undefined,
    clientCertificate: undefined,
    clientKey: undefined,
    token: "token",
  });
}

test("sends below the server's path, with the token", async () => {
  const client = await clientOf((request, response) => {
    response.end(
      JSON.stringify({ path: request.url, authorization: request.headers.authorization }),
    );
  });
  expect(await client.send({ method: "GET", path: "/api/v1?x=1" })).toEqual({
    path: "/prefix/api/v1?x=1",
    authorization: "Bearer token",
  });
});

test("asks a busy server again, and gives up with its words", async () => {
  const recovering = await clientOf((_request, response, count) => {
    response.statusCode = count < 3 ? 429 : 200;
    response.end(JSON.stringify({ count }));
  });
  expect(await recovering.send({ method: "POST", path: "/", body: {} })).toEqual({ count: 3 });
});

test("takes a closed idle connection for what it is, but never makes an object twice", async () => {
  const client = await clientOf((_request, response, count) => {
    if (count % 2 === 0) {
      response.destroy();
    } else {
      response.end(JSON.stringify({ count }));
    }
  });
  expect(await client.send({ method: "GET", path: "/" })).toEqual({ count: 1 });
  expect(await client.send({ method: "GET", path: "/" })).toEqual({ count: 3 });
  await expect(client.send({ method: "POST", path: "/", body: {} })).rejects.toThrow(
    /closed the connection/,
  );
});

test("says when the other side is no API server", async () => {
  const client = await clientOf((_request, response) => response.end("<html>"));
  await expect(client.send({ method: "GET", path: "/" })).rejects.toThrow(/is no API server/);
});

test("a refusal carries the server's message, reason and causes", async () => {
  const client = await clientOf((_request, response) => {
    response.statusCode = 422;
    const details = { causes: [{ reason: "FieldValueInvalid", field: "spec.a", message: "no" }] };
    response.end(
      JSON.stringify({
        kind: "Status",
        code: 422,
        reason: "Invalid",
        message: "spec.a: no",
        details,
      }),
    );
  });
  await expect(client.send({ method: "GET", path: "/" })).rejects.toMatchObject({
    httpStatus: 422,
    reason: "Invalid",
    message: "spec.a: no",
    causes: [{ field: "spec.a" }],
  });
});
