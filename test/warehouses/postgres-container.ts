import { existsSync } from 'node:fs';

const image = 'postgres:18';

export interface PostgresContainer {
  readonly url: string;
  /** What runs, for the table. */
  readonly words: string;
  stop(): Promise<void>;
}

/** A server in a container, where Docker is; null where it is not. Docker that is there and does not start it is an error. */
export async function startPostgresContainer(): Promise<PostgresContainer | null> {
  if (process.env.DOCKER_HOST === undefined && !existsSync('/var/run/docker.sock')) return null;
  const { GenericContainer, Wait } = await import('testcontainers');
  const container = await new GenericContainer(image)
    .withEnvironment({ POSTGRES_PASSWORD: 'scoreline' })
    .withExposedPorts(5432)
    // The first time is that of the server which sets the database up.
    .withWaitStrategy(Wait.forLogMessage(/database system is ready to accept connections/, 2))
    .start();
  return {
    url: `postgres://postgres:scoreline@${container.getHost()}:${container.getMappedPort(5432)}/postgres`,
    words: `container ${image}`,
    stop: async () => {
      await container.stop();
    },
  };
}
