person-timeline = vaqt chizigʻi
person-lane-computer = Kompyuter
person-lane-applications = Dasturlar
person-lane-sites = Saytlar
person-columns = kompyuter, dasturlar
person-computer = kompyuter
person-zoom = Kunning qancha qismi
person-zoom-day = Kun
person-zoom-4h = 4 soat
person-zoom-1h = 1 soat
person-shown = Koʻrsatilgan: { $from }–{ $to }
person-sentence = { $day }: kompyuter { $active } band boʻlgan, { $first } dan { $last } gacha. Strelkalar boʻlaklar orasida yuradi.
person-sentence-empty = { $day }: hodisalar yoʻq.
person-app-unknown = Nomaʼlum dastur
person-gap-silent = Agent bu vaqtda hech narsa yubormagan
person-gap-expected = Hali yoʻlda
person-first-input = Birinchi kiritish
person-first-input-note = klaviatura yoki sichqoncha
person-last-input = Oxirgi kiritish
person-last-input-note = klaviatura yoki sichqoncha
person-in-use = Kompyuter band
person-of-observed = kuzatilgan { $observed } dan
person-useful-note = band vaqtning { $duration } qismi
person-no-data-note = ish haqida hech narsa anglatmaydi
person-week-nothing = maʼlumot yoʻq
person-empty = Bu kun uchun hech narsa kelmagan
person-empty-text = Yo bu odamning birorta kompyuteri yoqilmagan, yo agenti hali maʼlumot yubormagan. Bu ish haqida hech narsa anglatmaydi.
person-applications = Dasturlar
person-sites = Saytlar
person-nothing-used = Hech narsa yozilmagan
person-shots = Ekran suratlari
person-shots-taken = { $count ->
    [one] { $count } ta olingan, xira koʻrsatiladi
   *[other] { $count } ta olingan, xira koʻrsatiladi
}
person-shots-blurred = Sabab bilan ochilmaguncha xira
person-shots-reason = Suratni ochish uchun sabab soʻraladi. { $name } kim nimani ochganini bilishi mumkin.
person-as-drawing = Chizma koʻrinishida
person-table-caption = Nima ishlatilgan, vaqt tartibida
person-column-from = Dan
person-column-to = Gacha
person-column-duration = Davomiyligi
person-column-kind = Hisoblanadi
person-column-name = Dastur
person-column-detail = Sarlavha
screenshot-title = Ekran surati, { $day }, { $time }
screenshot-question = Bu surat nima uchun ochiladi?
screenshot-text = Sabab, ismingiz va vaqt audit jurnaliga yoziladi. { $name } bundan xabar topishi mumkin.
screenshot-reason = Sabab
screenshot-reason-hint = Bitta gap, masalan “mijoz shikoyati 1042”.
screenshot-reason-needed = Nega koʻrish kerakligini bir necha soʻz bilan yozing.
screenshot-show = Suratni koʻrsatish
screenshot-alternative = { $name } kompyuterining ekran surati
incomplete-title = Bu kun toʻliq emas.
incomplete-files = { $count ->
    [one] Bitta maʼlumot fayli ({ $month }) oʻqilmadi va chetga qoʻyildi.
   *[other] { $count } ta maʼlumot fayli (birinchisi: { $month }) oʻqilmadi va chetga qoʻyildi.
}
