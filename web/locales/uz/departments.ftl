departments-count = { $count ->
    [one] { $count } ta boʻlim
   *[other] { $count } ta boʻlim
}
departments-name = Nomi
departments-sums = Yigʻindilar
departments-add = Boʻlim qoʻshish
departments-add-below = Ichiga qoʻshish
departments-create = Boʻlimni qoʻshish
departments-new-title = Yangi boʻlim
departments-parent = Qaysi boʻlim ichida
departments-parent-hint = Boʻlim ichidagi hamma narsa bilan koʻchadi.
departments-top = Hech qaysi, eng yuqorida turadi
departments-below = Ichidagi boʻlimlar
departments-all-people = Hamma xodimlar
departments-inactive = Ishlatilmaydi
departments-activate = Yana ishlatish
departments-deactivate = Ishlatmaslik
departments-activate-text = Bu boʻlim ishlatilmaydi: yangi xodimlarga taklif qilinmaydi, tarixi saqlangan.
departments-deactivate-text = Ishlatilmaydigan boʻlim yangi xodimlarga taklif qilinmaydi. Xodimlari va tarixi qoladi.
departments-delete = Oʻchirish…
departments-empty-title = Hali boʻlimlar yoʻq
departments-empty-text = Roʻyxatlar va yigʻindilar boʻlimlar boʻyicha guruhlanadi, boʻlim boshliqlari esa faqat oʻz boʻlimini koʻradi.
departments-nobody-title = Bu yerda hali hech kim ishlamaydi
departments-nobody-text = Xodim qoʻshing yoki roʻyxatdan xodimlarni tanlab, shu yerga oʻtkazing.
departments-delete-title = { $name } boʻlimi oʻchirilsinmi?
departments-delete-empty = Boʻlim boʻsh.
departments-delete-move = Bevosita ichidagilar ({ $people }, { $departments }, { $computers }) { $parent } ichiga oʻtadi.
departments-delete-loose = Bevosita ichidagi { $people } va { $computers } boʻlimsiz qoladi, { $departments } eng yuqoriga chiqadi.
departments-delete-events = Yozilgan maʼlumotlar oʻchmaydi. Oʻtgan davr yigʻindilari xodimning hozirgi boʻlimi boʻyicha koʻrsatiladi.
departments-delete-do = Oʻchirish: { $name }
departments-delete-keep = Boʻlimni qoldirish

done-departments-created = Qoʻshildi: { $name }
done-departments-saved = Saqlandi: { $name }
done-departments-deleted = Oʻchirildi: { $name }
done-departments-activated = Yana ishlatiladi: { $name }
done-departments-deactivated = Endi ishlatilmaydi: { $name }

error-department-name-taken = Yonida shu nomli boʻlim bor.
error-department-cycle = Boʻlim oʻzining ichida tura olmaydi.
error-department-not-empty = Boʻlim endi boʻsh emas. Ichida nima borligini koʻrib, qaytadan urinib koʻring.
