import { dataDirectory, ShopProcess } from './shop-process.js';

/** The shop's services in a few processes; each process has an embedded PostgreSQL of its own. */
export const GROUPS = {
  accounts: ['users', 'products'],
  orders: ['orders'],
  money: ['payments'],
  goods: ['inventory', 'notifications', 'analytics'],
} as const;
export type Group = keyof typeof GROUPS;

export interface GroupedShopOptions {
  readonly rabbitmqUrl: string;
  /** The registry in which the processes find each other; without it, a list of their ports. */
  readonly consulUrl?: string;
  readonly env?: Readonly<Record<string, string>>;
}

interface Member {
  process: ShopProcess;
  url: string;
  readonly data: string;
}

/** The shop in groups of services with RabbitMQ, behind a gateway, as processes of this machine. */
export class GroupedShop {
  readonly #members = new Map<Group, Member>();
  #gateway: Member | undefined;

  private constructor(private readonly options: GroupedShopOptions) {}

  static async start(options: GroupedShopOptions): Promise<GroupedShop> {
    const shop = new GroupedShop(options);
    try {
      // The others verify tokens with its keys, and a list of peers has to name its port.
      await shop.#launch('accounts');
      await Promise.all((['orders', 'money', 'goods'] as const).map((group) => shop.#launch(group)));
      shop.#gateway = await shop.#spawn({ app: 'gateway', env: { SEAM_SERVICES: '' } });
      return shop;
    } catch (error) {
      await shop.stop();
      throw error;
    }
  }

  /** Of the gateway. */
  get url(): string {
    return this.#gateway?.url ?? '';
  }

  /** Ends one group's process, like an operator or a crash. */
  async end(group: Group, signal: NodeJS.Signals = 'SIGTERM'): Promise<number | string> {
    return this.#member(group).process.stop(signal);
  }

  /** Starts it again, on its data and its port. */
  async restart(group: Group): Promise<void> {
    const { data, url } = this.#member(group);
    await this.#launch(group, data, new URL(url).port);
  }

  /** Resolves with the exit code or signal of each process. */
  async stop(): Promise<(number | string)[]> {
    const all = [...(this.#gateway === undefined ? [] : [this.#gateway]), ...this.#members.values()];
    return Promise.all(all.map(({ process }) => process.stop()));
  }

  databaseUrl(service: string): string {
    const group = (Object.keys(GROUPS) as Group[]).find((name) => GROUPS[name].some((each) => each === service));
    return this.#member(group ?? 'accounts').process.databaseUrl(service);
  }

  /** The output of the processes. */
  get output(): string {
    return [...this.#members.values()].map(({ process }) => process.output).join('\n');
  }

  async #launch(group: Group, data?: string, port?: string): Promise<void> {
    const env = { SEAM_SERVICES: GROUPS[group].join(), RABBITMQ_URL: this.options.rabbitmqUrl };
    const member = await this.#spawn({ env, data, port });
    this.#members.set(group, member);
  }

  async #spawn(how: {
    env: Record<string, string>;
    app?: string;
    data?: string | undefined;
    port?: string | undefined;
  }): Promise<Member> {
    const data = how.data ?? dataDirectory();
    const env = { ...this.#discoverySettings(), ...this.options.env, PORT: how.port ?? '0', ...how.env };
    const process = ShopProcess.spawn({ data, env, ...(how.app === undefined ? {} : { app: how.app }) });
    return { process, data, url: await process.ready() };
  }

  #discoverySettings(): Record<string, string> {
    const { consulUrl } = this.options;
    if (consulUrl !== undefined) return { CONSUL_URL: consulUrl };
    const peers = [...this.#members].flatMap(([group, { url }]) => GROUPS[group].map((service) => `${service}=${url}`));
    return peers.length === 0 ? {} : { SEAM_PEERS: peers.join() };
  }

  #member(group: Group): Member {
    const member = this.#members.get(group);
    if (member === undefined) throw new Error(`${group} was not started`);
    return member;
  }
}
