/**
 * What a call of the provider has shown about an order's charge. All but `none` and `unclear` are final there; `none`
 * holds only for the moment it was asked, and `unclear` (an error, or no answer in time) says nothing.
 */
export type Finding =
  | { readonly type: 'captured' }
  | { readonly type: 'declined'; readonly reason: string }
  | { readonly type: 'none' }
  | { readonly type: 'refunded' }
  | { readonly type: 'unclear' };
