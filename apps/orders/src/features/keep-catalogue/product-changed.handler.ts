import { Controller } from '@nestjs/common';
import { ProductChanged } from '@seam/contracts';
import type { DataOf } from '@seam/messaging/contract';
import type { Message } from '@seam/kernel';
import { HandleEvent, type Work } from '@seam/messaging';
import { Catalogue } from '../../ports/catalogue.js';

@Controller()
export class KeepCatalogueMessages {
  constructor(private readonly catalogue: Catalogue) {}

  @HandleEvent('orders', ProductChanged)
  keep({ data }: Message<DataOf<typeof ProductChanged>>): Work {
    return this.catalogue.keep(data);
  }
}
