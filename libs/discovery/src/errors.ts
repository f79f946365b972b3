/** Discovery cannot be used. The message says what is wrong and what the operator can do. */
export class DiscoveryError extends Error {
  override readonly name = 'DiscoveryError';

  constructor(
    readonly code:
      'DISCOVERY.PEERS_MALFORMED' | 'DISCOVERY.CONSUL_AWAY' | 'DISCOVERY.CONSUL_REFUSED' | 'DISCOVERY.TWO_REGISTRIES',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
