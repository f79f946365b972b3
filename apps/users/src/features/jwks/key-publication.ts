import { Injectable, type OnModuleInit } from '@nestjs/common';
import { LocalVerificationKeys } from '@seam/security';
import { SigningKeys } from '../../ports/signing-keys.js';

/** Gives the keys directly to the services of this process, and creates the first key at the first start. */
@Injectable()
export class KeyPublication implements OnModuleInit {
  constructor(
    private readonly keys: SigningKeys,
    private readonly verification: LocalVerificationKeys,
  ) {}

  async onModuleInit(): Promise<void> {
    this.verification.use(() => this.keys.published());
    await this.keys.published();
  }
}
