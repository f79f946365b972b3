import { Controller, Get } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Discovery } from '@seam/discovery';
import { Answers } from '@seam/host';
import { Staff } from '@seam/security';
import { z } from 'zod';
import type { Target } from '../../upstream/target.js';
import { Targets } from '../../upstream/targets.js';

const TargetView = z.object({
  service: z.string(),
  breaker: z.enum(['closed', 'half-open', 'open']),
  inFlight: z.int().describe('Calls of this gateway in progress'),
  instances: z.array(
    z.object({
      id: z.string(),
      url: z.string(),
      inFlight: z.int(),
      skipped: z
        .boolean()
        .describe('It refused a connection or fails its liveness check, so other instances are preferred'),
    }),
  ),
  lastFailure: z
    .object({ at: z.iso.datetime(), message: z.string(), instance: z.string().optional() })
    .optional()
    .describe('Since this gateway started'),
});

const TargetsAnswer = z.object({
  discovery: z.object({
    kind: z.string(),
    state: z.enum(['up', 'away']).describe('away: the registry does not answer, and the last known instances are used'),
    since: z.iso.datetime().optional(),
  }),
  targets: z.array(TargetView),
});
type TargetsAnswer = z.infer<typeof TargetsAnswer>;

const example: TargetsAnswer = {
  discovery: { kind: 'consul', state: 'up', since: '2026-11-22T10:00:00.000Z' },
  targets: [
    {
      service: 'orders',
      breaker: 'closed',
      inFlight: 3,
      instances: [{ id: 'orders-10.0.0.7-3000', url: 'http://10.0.0.7:3000', inFlight: 3, skipped: false }],
    },
  ],
};

/** The state of the services as seen by this gateway, for operators. */
@ApiTags('operations')
@Controller('api/gateway/targets')
export class TargetsController {
  constructor(
    private readonly targets: Targets,
    private readonly discovery: Discovery,
  ) {}

  @Get()
  @Staff()
  @ApiOperation({
    summary: 'The services behind this gateway: instances, circuit breakers, calls in progress, last failures',
  })
  @Answers(200, TargetsAnswer, { example })
  list(): TargetsAnswer {
    const { kind, state, since } = this.discovery.status();
    return {
      discovery: { kind, state, ...(since === undefined ? {} : { since: since.toISOString() }) },
      targets: [...this.targets.all].map(viewOf),
    };
  }
}

function viewOf({ name, guard, balancer, lastFailure }: Target): z.infer<typeof TargetView> {
  return {
    service: name,
    breaker: guard.state,
    inFlight: guard.inFlight,
    instances: balancer.all.map(({ instance, inFlight, skipped }) => ({ ...instance, inFlight, skipped })),
    ...(lastFailure === undefined ? {} : { lastFailure: { ...lastFailure, at: lastFailure.at.toISOString() } }),
  };
}
