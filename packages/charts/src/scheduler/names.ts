/** Where the server finds things inside its pod; the configuration and the volumes agree through it. */
export const serverPaths = {
  /** ConfigMap: the configuration without people, and the probe. */
  configuration: "/etc/ertis/config",
  /** One file a site, each from a ConfigMap of its own. */
  sites: "/etc/ertis/sites",
  /** Secret from the secret store: who may call. */
  people: "/etc/ertis/people",
  tls: "/etc/ertis/tls",
  /** In memory: what the server is started with, put together from the two above. */
  run: "/run/ertis",
  /** The volume; the log is in a directory below it that the server makes for itself alone. */
  data: "/var/lib/ertis",
} as const;

export const serverNames = {
  name: "ertis",
  namespace: "ertis-system",
  port: 7070,
  /** Of the server's user in its image; no such user exists on a host. */
  userId: 65_532,
  /** Only pods of namespaces with this label reach the server. */
  clientLabel: "ertis.kz/scheduler-client",
} as const;

export const serverLabels: Readonly<Record<string, string>> = {
  "app.kubernetes.io/name": serverNames.name,
  "app.kubernetes.io/component": "scheduler",
};

/** What a client connects to inside the management cluster, and what the certificate says. */
export const serverHost: string = `${serverNames.name}.${serverNames.namespace}.svc`;
