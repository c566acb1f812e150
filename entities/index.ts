export { Order } from './order.js'
export { Product } from './product.js'
export { User } from './user.js'
